package dev.flowlane.core.placement;

import dev.flowlane.core.placement.PlacementOutcome.NeedMore;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Prints how many connections have to be opened until n flows have n receive CPUs of their own at both ends, on NICs of
 * n queues, beside what kperf's search opens on the same NICs and beside the coupon collector's n·H_n, which is the
 * mean number of connections until each queue of one end was hit once. Started as {@link PlacementTiming} is; an
 * argument sets the number of trials.
 */
final class CandidatesNeeded {
    private static final int TRIALS = 100;
    private static final int MAX_CANDIDATES = 16_384;
    private static final int FIRST_PORT = 32_768;
    private static final int LAST_PORT = 60_999;

    private CandidatesNeeded() {}

    public static void main(String[] args) {
        int trials = args.length > 0 ? Integer.parseInt(args[0]) : TRIALS;
        System.out.printf("connections opened until n of n lanes, mean (5 %% to 95 %%) of %d trials%n", trials);
        System.out.printf("%6s %8s %18s %18s %7s %18s %18s %18s%n", "queues", "n·H_n", "kperf", "flowlane", "rounds",
                "predicted, 100 %", "predicted, 90 %", "predicted, 50 %");
        for (int queues : List.of(8, 16, 32, 64)) {
            int[] rounds = new int[trials];
            String kperf = row(trials, seed -> kperf(new Nics(queues, seed)));
            String none = row(trials, seed -> {
                Opened opened = flowlane(new Nics(queues, seed), SourcePortHints.NONE);
                rounds[seed] = opened.rounds();
                return opened.connections();
            });
            var predicted = new ArrayList<String>();
            for (double accuracy : new double[] {1, 0.9, 0.5}) {
                predicted.add(row(trials, seed -> {
                    var nics = new Nics(queues, seed);
                    return flowlane(nics, new Oracle(nics, accuracy, seed)).connections();
                }));
            }
            System.out.printf("%6d %8.1f %18s %18s %7.1f %18s %18s %18s%n", queues, couponCollector(queues), kperf,
                    none, Arrays.stream(rounds).average().orElse(0), predicted.get(0), predicted.get(1),
                    predicted.get(2));
        }
    }

    private static String row(int trials, ToIntFunction<Integer> opened) {
        int[] counts = IntStream.range(0, trials).map(opened::applyAsInt).sorted().toArray();
        return String.format("%.1f (%d to %d)", Arrays.stream(counts).average().orElse(0), counts[trials / 20],
                counts[trials - 1 - trials / 20]);
    }

    private static double couponCollector(int n) {
        return n * IntStream.rangeClosed(1, n).mapToDouble(k -> 1.0 / k).sum();
    }

    /** Two NICs whose hash sends each source port to one of the queues at either end, all alike. */
    private static final class Nics {
        private final int queues;
        private final Random random;
        private final long sourceKey;
        private final long destinationKey;

        Nics(int queues, int seed) {
            this.queues = queues;
            this.random = new Random(seed);
            this.sourceKey = random.nextLong();
            this.destinationKey = random.nextLong();
        }

        int source(int port) {
            return new Random(sourceKey ^ port * 0x9E3779B97F4A7C15L).nextInt(queues);
        }

        int destination(int port) {
            return new Random(destinationKey ^ port * 0x9E3779B97F4A7C15L).nextInt(queues);
        }

        /** As the kernel picks one. */
        int anyPort() {
            return random.nextInt(FIRST_PORT, LAST_PORT + 1);
        }
    }

    /** Knows for a part of the ports where they lead; for the others it believes something. */
    private static final class Oracle implements SourcePortHints {
        private final Nics nics;
        private final double accuracy;
        private final long seed;
        private final Set<Integer> told = new HashSet<>();

        Oracle(Nics nics, double accuracy, long seed) {
            this.nics = nics;
            this.accuracy = accuracy;
            this.seed = seed;
        }

        @Override
        public List<Integer> sourcePorts(
                HostPair pair, CpuSet sourceReceive, CpuSet destinationReceive, int count) {
            CpuSet source = sourceReceive;
            CpuSet destination = destinationReceive;
            var ports = new ArrayList<Integer>();
            for (int port = FIRST_PORT; port <= LAST_PORT && ports.size() < count; port++) {
                var belief = new Random(seed * 31 + port);
                boolean right = belief.nextDouble() < accuracy;
                int from = right ? nics.source(port) : belief.nextInt(nics.queues);
                int to = right ? nics.destination(port) : belief.nextInt(nics.queues);
                if (!told.contains(port) && source.contains(from) && destination.contains(to)) {
                    ports.add(port);
                    source = source.without(from);
                    destination = destination.without(to);
                }
            }
            told.addAll(ports);
            return ports;
        }
    }

    private record Opened(int connections, int rounds) {}

    private static Opened flowlane(Nics nics, SourcePortHints hints) {
        RunSpec spec = Fixtures.pairSpec(nics.queues, "max-candidates: " + MAX_CANDIDATES);
        Map<String, HostCpus> hosts = Fixtures.apart("0-" + (nics.queues - 1));
        var candidates = new ArrayList<CandidatePair>();
        for (int rounds = 0; ; rounds++) {
            PlacementRequest request = Fixtures.request(spec, hosts, candidates, Ledger.empty());
            switch (Placement.place(request, hints)) {
                case NeedMore(List<CandidateDemand> demands) -> {
                    CandidateDemand demand = demands.getFirst();
                    for (int i = 0; i < demand.count(); i++) {
                        List<Integer> ports = demand.sourcePorts();
                        int port = i < ports.size() ? ports.get(i) : nics.anyPort();
                        candidates.add(Fixtures.candidate(candidates.size(), "host-a", "host-b", Steering.HASHED,
                                nics.source(port), Steering.HASHED, nics.destination(port)));
                    }
                }
                case PlacementOutcome.Placed _ -> {
                    return new Opened(candidates.size(), rounds);
                }
                case PlacementOutcome.Blocked _, PlacementOutcome.Refused _ ->
                    throw new IllegalStateException("no lanes with " + candidates.size() + " connections");
            }
        }
    }

    /**
     * What kperf does (spawn_conn of client.c, 2026-08): n connections, a maximum bipartite matching over the receive
     * CPUs of both ends, n more as long as that has fewer than n edges.
     */
    private static int kperf(Nics nics) {
        int n = nics.queues;
        var edges = new boolean[n][n];
        int opened = 0;
        int[] ownerOf = new int[n];
        do {
            for (int i = 0; i < n; i++) {
                int port = nics.anyPort();
                edges[nics.source(port)][nics.destination(port)] = true;
            }
            opened += n;
            Arrays.fill(ownerOf, -1);
        } while (matching(edges, ownerOf) < n);
        return opened;
    }

    private static int matching(boolean[][] edges, int[] ownerOf) {
        int size = 0;
        for (int source = 0; source < edges.length; source++) {
            size += augment(edges, ownerOf, source, new boolean[edges.length]) ? 1 : 0;
        }
        return size;
    }

    private static boolean augment(boolean[][] edges, int[] ownerOf, int source, boolean[] seen) {
        for (int destination = 0; destination < edges.length; destination++) {
            if (edges[source][destination] && !seen[destination]) {
                seen[destination] = true;
                if (ownerOf[destination] < 0 || augment(edges, ownerOf, ownerOf[destination], seen)) {
                    ownerOf[destination] = source;
                    return true;
                }
            }
        }
        return false;
    }
}
