package dev.flowlane.core.placement;

import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Prints how long decisions take in a fleet of 1,000 machines of 64 CPUs with 10,000 live claims. Not a test: times
 * depend on the machine. After {@code mvn test-compile}: {@code java -cp
 * coordinator/target/test-classes:coordinator/target/classes:worker/target/classes:<jgrapht and its two jars, jackson>
 * dev.flowlane.core.placement.PlacementTiming}.
 */
final class PlacementTiming {
    private static final int MACHINES = 1_000;
    private static final int CPUS = 64;
    private static final int CLAIMS = 10_000;
    private static final int ROUNDS = 200;

    private final Random random = new Random(1);
    private final Map<String, HostCpus> hosts = new TreeMap<>();
    private Ledger ledger = Ledger.empty();

    private PlacementTiming() {
        for (int i = 0; i < MACHINES; i++) {
            hosts.put("h" + i, new HostCpus("h" + i, "m" + i, CpuSet.parse("0-" + (CPUS - 1)), CpuSet.empty(),
                    List.of()));
        }
        for (int run = 0; run < CLAIMS / 10; run++) {
            var claims = new ArrayList<Claim>();
            for (int i = 0; i < 10; i++) {
                claims.add(new Claim("m" + random.nextInt(MACHINES), random.nextInt(CPUS), "run" + run + "." + i,
                        Exclusive.STRICT));
            }
            ledger = ledger.with("run" + run, claims);
        }
    }

    public static void main(String[] args) {
        var timing = new PlacementTiming();
        System.out.printf("%d machines, %d CPUs each, %d live claims; %d rounds%n", MACHINES, CPUS,
                timing.ledger.size(), ROUNDS);
        timing.measure("pair, 1 flow", "sources: [h1]\ndestinations: [h2]\nflows: 1", 2);
        timing.measure("pair, 16 flows", "sources: [h1]\ndestinations: [h2]\nflows: 16", 64);
        timing.measure("pair, 48 flows", "sources: [h1]\ndestinations: [h2]\nflows: 48", 512);
        timing.measure("pair, 16 flows, +1", "sources: [h1]\ndestinations: [h2]\nflows: 16\n"
                + "placement: {application-cpu: +1}", 256);
        timing.measure("fan-in of 32", "topology: fan-in\nsources: [" + names(1, 33) + "]\ndestinations: [h0]", 8);
        timing.measure("ring of 8, 4 flows", "topology: ring\nsources: [" + names(0, 8) + "]\nflows: 4", 16);
        timing.measure("500 pairs, 4 flows", "sources: [" + names(0, 500) + "]\ndestinations: [" + names(500, 1000)
                + "]\nflows: 4\nplacement: {max-candidates: 4096}", 8);
        timing.measureLedger();
    }

    private static String names(int from, int to) {
        var names = new ArrayList<String>();
        for (int i = from; i < to; i++) {
            names.add("h" + i);
        }
        return String.join(", ", names);
    }

    private void measure(String what, String yaml, int candidatesPerPair) {
        RunSpec spec = Fixtures.spec(yaml);
        var candidates = new ArrayList<CandidatePair>();
        for (HostPair pair : Pairs.of(spec)) {
            for (int i = 0; i < candidatesPerPair; i++) {
                candidates.add(Fixtures.candidate(candidates.size(), pair.source(), pair.destination(),
                        Steering.HASHED, random.nextInt(CPUS), Steering.HASHED, random.nextInt(CPUS)));
            }
        }
        PlacementRequest request = Fixtures.request(spec, hosts, candidates, ledger);
        long[] ns = new long[ROUNDS];
        String outcome = "";
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            outcome = Placement.place(request).getClass().getSimpleName();
            ns[round] = System.nanoTime() - start;
        }
        print(what + ", " + candidates.size() + " candidates: " + outcome, ns);
    }

    private void measureLedger() {
        long[] ns = new long[ROUNDS];
        List<Claim> claims = ledger.claims("run7");
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            ledger = ledger.without("run7").with("run7", claims);
            ns[round] = System.nanoTime() - start;
        }
        print("ledger: one run out and in again", ns);
    }

    private static void print(String what, long[] ns) {
        // The second half: what a coordinator that has run for a while needs.
        long[] warm = Arrays.copyOfRange(ns, ns.length / 2, ns.length);
        Arrays.sort(warm);
        System.out.printf("%-60s first %7.2f ms, then median %6.2f ms, slowest %6.2f ms%n", what, ns[0] / 1e6,
                warm[warm.length / 2] / 1e6, warm[warm.length - 1] / 1e6);
    }
}
