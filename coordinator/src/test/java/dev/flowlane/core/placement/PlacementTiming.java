package dev.flowlane.core.placement;

import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Prints how long decisions take in a fleet of 1,000 machines of 64 CPUs (32 cores of two, two NUMA nodes) with 10,000
 * live claims. Not a test: times depend on the machine. After {@code mvn test-compile}: {@code java -cp
 * coordinator/target/test-classes:coordinator/target/classes:worker/target/classes:<jgrapht and its two jars, jackson>
 * dev.flowlane.core.placement.PlacementTiming}. An argument picks the cases whose name has it in it.
 */
final class PlacementTiming {
    private static final int MACHINES = 1_000;
    private static final int CPUS = 64;
    private static final int CLAIMS = 10_000;
    private static final int WARMUP_ROUNDS = 300;
    private static final int ROUNDS = 200;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Random random = new Random(1);
    private final Map<String, HostCpus> hosts = new TreeMap<>();
    private final List<Case> cases = new ArrayList<>();
    private Ledger ledger = Ledger.empty();

    private record Case(String what, PlacementRequest request) {}

    private PlacementTiming() {
        var topology = new ArrayList<CpuTopology>();
        for (int cpu = 0; cpu < CPUS; cpu++) {
            int core = cpu % (CPUS / 2);
            topology.add(new CpuTopology(cpu, core, core / 16, core / 16, CpuSet.of(core, core + CPUS / 2)));
        }
        for (int i = 0; i < MACHINES; i++) {
            hosts.put("h" + i, new HostCpus("h" + i, "m" + i, CpuSet.parse("0-" + (CPUS - 1)), CpuSet.empty(),
                    List.copyOf(topology)));
        }
        // Runs of one flow, each end of which holds a core: four claims.
        for (int run = 0; run < CLAIMS / 4; run++) {
            String flowId = "run" + run + ".0";
            var claims = new ArrayList<Claim>();
            for (int end = 0; end < 2; end++) {
                String machineId = "m" + random.nextInt(MACHINES);
                int core = random.nextInt(CPUS / 2);
                claims.add(new Claim(machineId, core, flowId, Exclusive.STRICT));
                claims.add(new Claim(machineId, core + CPUS / 2, flowId, Exclusive.STRICT));
            }
            ledger = ledger.with("run" + run, claims);
        }
    }

    public static void main(String[] args) {
        var timing = new PlacementTiming();
        System.out.printf("%d machines, %d CPUs each, %d live claims; %d rounds after %d to warm up%n", MACHINES, CPUS,
                timing.ledger.size(), ROUNDS, WARMUP_ROUNDS);
        timing.add("pair, 1 flow", "sources: [h1]\ndestinations: [h2]\nflows: 1", 2);
        timing.add("pair, 16 flows", "sources: [h1]\ndestinations: [h2]\nflows: 16", 64);
        timing.add("pair, 28 flows", "sources: [h1]\ndestinations: [h2]\nflows: 28", 512);
        timing.add("pair, 12 flows, +1", "sources: [h1]\ndestinations: [h2]\nflows: 12\n"
                + "placement: {application-cpu: +1}", 256);
        timing.add("pair, 8 flows, numa-local", "sources: [h1]\ndestinations: [h2]\nflows: 8\n"
                + "placement: {application-cpu: numa-local}", 64);
        timing.add("fan-in of 24", "topology: fan-in\nsources: [" + names(1, 25) + "]\ndestinations: [h0]", 16);
        timing.add("ring of 8, 4 flows", "topology: ring\nsources: [" + names(0, 8) + "]\nflows: 4", 32);
        timing.add("500 pairs, 4 flows", "sources: [" + names(0, 500) + "]\ndestinations: [" + names(500, 1000)
                + "]\nflows: 4\nplacement: {max-candidates: 8192}", 12);
        timing.cases.removeIf(one -> args.length > 0 && !one.what().contains(args[0]));
        timing.measure();
        timing.measureLedger();
    }

    private static String names(int from, int to) {
        var names = new ArrayList<String>();
        for (int i = from; i < to; i++) {
            names.add("h" + i);
        }
        return String.join(", ", names);
    }

    private void add(String what, String yaml, int candidatesPerPair) {
        RunSpec spec = Fixtures.spec(yaml);
        var candidates = new ArrayList<CandidatePair>();
        for (HostPair pair : Pairs.of(spec)) {
            for (int i = 0; i < candidatesPerPair; i++) {
                candidates.add(Fixtures.candidate(candidates.size(), pair.source(), pair.destination(),
                        Steering.HASHED, random.nextInt(CPUS), Steering.HASHED, random.nextInt(CPUS)));
            }
        }
        cases.add(new Case(what + ", " + candidates.size() + " candidates",
                Fixtures.request(spec, hosts, candidates, ledger)));
    }

    private void measure() {
        // All of them before any is timed: one kind of run must not be compiled for alone.
        for (int round = 0; round < WARMUP_ROUNDS; round++) {
            cases.forEach(one -> Placement.place(one.request()));
        }
        for (Case one : cases) {
            long[] ns = new long[ROUNDS];
            long[] cpuNs = new long[ROUNDS];
            String outcome = "";
            for (int round = 0; round < ROUNDS; round++) {
                long cpuStart = THREADS.getCurrentThreadCpuTime();
                long start = System.nanoTime();
                outcome = Placement.place(one.request()).getClass().getSimpleName();
                ns[round] = System.nanoTime() - start;
                cpuNs[round] = THREADS.getCurrentThreadCpuTime() - cpuStart;
            }
            print(one.what() + ": " + outcome, ns, cpuNs);
        }
    }

    private void measureLedger() {
        long[] ns = new long[WARMUP_ROUNDS + ROUNDS];
        long[] cpuNs = new long[ns.length];
        List<Claim> claims = ledger.claims("run7");
        for (int round = 0; round < ns.length; round++) {
            long cpuStart = THREADS.getCurrentThreadCpuTime();
            long start = System.nanoTime();
            ledger = ledger.without("run7").with("run7", claims);
            ns[round] = System.nanoTime() - start;
            cpuNs[round] = THREADS.getCurrentThreadCpuTime() - cpuStart;
        }
        print("ledger: one run out and in again", Arrays.copyOfRange(ns, WARMUP_ROUNDS, ns.length),
                Arrays.copyOfRange(cpuNs, WARMUP_ROUNDS, ns.length));
    }

    private static void print(String what, long[] ns, long[] cpuNs) {
        System.out.printf("%-50s wall %s   CPU %s%n", what, spread(ns), spread(cpuNs));
    }

    /** The thread's own CPU time says on a busy machine what the wall clock says on an idle one. */
    private static String spread(long[] ns) {
        long[] sorted = ns.clone();
        Arrays.sort(sorted);
        int tail = ns.length / 20;
        return String.format("%7.3f ms (5 %% to 95 %%: %.3f to %.3f)", sorted[ns.length / 2] / 1e6, sorted[tail] / 1e6,
                sorted[ns.length - 1 - tail] / 1e6);
    }
}
