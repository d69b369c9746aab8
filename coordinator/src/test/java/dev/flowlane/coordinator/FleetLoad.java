package dev.flowlane.coordinator;

import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.RunCommandAvro;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.IoEngine;
import dev.flowlane.core.spec.IoSettings;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.core.spec.SocketSettings;
import dev.flowlane.core.spec.Topology;
import dev.flowlane.core.spec.Traffic;
import dev.flowlane.core.spec.WhenBusy;
import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One coordinator's real process and a real broker under the load of a whole fleet. Runs of four sources and one
 * destination follow one another on their own five hosts, so that as many are always on. A main, not a test:
 * {@code java -cp ... dev.flowlane.coordinator.FleetLoad [HOSTS RUNS FLOWS SECONDS]} in the module's folder, by default
 * 1,000 hosts, 200 runs at a time, 10,000 flows, two minutes; {@code FleetLoadIT} is a short one.
 */
final class FleetLoad {
    private static final int HOSTS_PER_RUN = 5;
    private static final int CPUS = 64;

    /**
     * How much.
     *
     * @param flows of all runs together
     * @param runLength of each run; the next one on its hosts follows at once
     * @param length for how long runs are submitted
     */
    record Load(int hosts, int runs, int flows, Duration runLength, Duration length) {
        int flowsPerPair() {
            return Math.ceilDiv(flows, runs * (HOSTS_PER_RUN - 1));
        }
    }

    /**
     * What came of it.
     *
     * @param lag records the coordinator had yet to read, once a second while runs were submitted
     * @param residentKb its resident memory, likewise
     */
    record Outcome(
            Map<RunStateName, Integer> runs,
            Histogram answerNs,
            Map<LoadFleet.Decision, Histogram> decisionNs,
            List<Long> lag,
            List<Long> residentKb,
            long intervals,
            long undelivered,
            Duration generatorLateness,
            List<String> transactions) {
        long residentMaxKb() {
            return residentKb.stream().mapToLong(Long::longValue).max().orElse(0);
        }

        /** Mean of the samples of a part of the time, 0 to 1. */
        double lag(double from, double to) {
            return part(from, to).stream().mapToLong(Long::longValue).average().orElse(0);
        }

        /** The least of them. */
        long leastLag(double from, double to) {
            return part(from, to).stream().mapToLong(Long::longValue).min().orElse(0);
        }

        private List<Long> part(double from, double to) {
            return lag.subList((int) (lag.size() * from), (int) (lag.size() * to));
        }

        void print() {
            System.out.println("runs: " + runs);
            print("command sent to answer read", answerNs);
            decisionNs.forEach((decision, histogram) ->
                    print(decision.name().toLowerCase(Locale.ROOT).replace('_', ' '), histogram));
            System.out.printf(Locale.ROOT, "lag, records: mean of each quarter %.0f %.0f %.0f %.0f, most %d%n",
                    lag(0, 0.25), lag(0.25, 0.5), lag(0.5, 0.75), lag(0.75, 1),
                    lag.stream().mapToLong(Long::longValue).max().orElse(0));
            System.out.println("coordinator, resident: most " + residentMaxKb() / 1024 + " MiB");
            System.out.println("intervals of flow ends: " + intervals + ", records not taken by the broker: "
                    + undelivered + ", generator late by at most " + generatorLateness.toMillis() + " ms");
            transactions.forEach(System.out::println);
        }

        private static void print(String what, Histogram ns) {
            System.out.printf(Locale.ROOT, "%s: %d, median %.1f ms, p99 %.1f ms, most %.1f ms%n", what,
                    ns.getTotalCount(), ns.getValueAtPercentile(50) / 1e6, ns.getValueAtPercentile(99) / 1e6,
                    ns.getMaxValue() / 1e6);
        }
    }

    private final Load load;
    private final Bus bus;
    private final JavaProcess coordinator;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Histogram answerNs = new Histogram(3);
    private final Map<LoadFleet.Decision, Histogram> decisionNs = new EnumMap<>(LoadFleet.Decision.class);
    private final Map<RunStateName, Integer> ended = new EnumMap<>(RunStateName.class);
    private final Map<String, Long> sentAtNs = new HashMap<>();
    private final List<Long> lag = new ArrayList<>();
    private final List<Long> residentKb = new ArrayList<>();
    private int live;

    private FleetLoad(Load load, Bus bus, JavaProcess coordinator) {
        this.load = load;
        this.bus = bus;
        this.coordinator = coordinator;
        for (LoadFleet.Decision decision : LoadFleet.Decision.values()) {
            decisionNs.put(decision, new Histogram(3));
        }
    }

    public static void main(String[] arguments) throws Exception {
        int[] numbers = arguments.length == 0
                ? new int[] {1_000, 200, 10_000, 120}
                : IntStream.range(0, 4).map(i -> Integer.parseInt(arguments[i])).toArray();
        Load load = new Load(
                numbers[0], numbers[1], numbers[2], Duration.ofSeconds(30), Duration.ofSeconds(numbers[3]));
        System.out.println(load);
        try (BrokerProcess broker = BrokerProcess.start(0)) {
            Bus bus = new Bus(BusSettings.of(broker.bootstrap(), "load"));
            bus.admin().create(1);
            on(bus, broker.bootstrap(), "load", load).print();
        }
        System.exit(0);
    }

    /** Starts a coordinator with the options that its README names, loads it, and waits for the runs to end. */
    static Outcome on(Bus bus, String bootstrap, String prefix, Load load) throws Exception {
        if (load.hosts() < load.runs() * HOSTS_PER_RUN) {
            throw new IllegalArgumentException(load.runs() + " runs at a time need " + load.runs() * HOSTS_PER_RUN
                    + " hosts, not " + load.hosts());
        }
        try (JavaProcess coordinator = JavaProcess.coordinator(
                List.of("-Xms32m", "-Xmx256m", "-Xss512k", "-XX:-UsePerfData"), bootstrap, prefix)) {
            await("coordinator").atMost(Duration.ofSeconds(60)).until(() -> coordinator.http().isPresent());
            return new FleetLoad(load, bus, coordinator).run();
        }
    }

    private Outcome run() throws Exception {
        List<String> hostIds = IntStream.range(0, load.hosts()).mapToObj(FleetLoad::host).toList();
        try (LoadFleet fleet = new LoadFleet(bus, CPUS, hostIds, (decision, ns) ->
                        requireNonNull(decisionNs.get(decision)).recordValue(ns));
                BusReader reader = bus.reader("load-users", OnMalformed.COUNT);
                BusWriter users = bus.writer("load-users")) {
            reader.assign(Topic.RUN_EVENTS, ReadFrom.END);
            await("hosts").atMost(Duration.ofSeconds(60)).until(() -> metric("flowlane_host_info") == load.hosts());
            long beganNs = System.nanoTime();
            long endsNs = beganNs + load.length().toNanos();
            long sampleAtNs = beganNs;
            // Evenly over the length of a run, as they come in a fleet that is used all day; together they would end
            // together ever after.
            long apartNs = load.runLength().toNanos() / load.runs();
            int begun = 0;
            long limitNs = endsNs + load.runLength().multipliedBy(2).plusSeconds(60).toNanos();
            while (System.nanoTime() < endsNs || live > 0) {
                long nowNs = System.nanoTime();
                for (; begun < load.runs() && begun <= (nowNs - beganNs) / apartNs; begun++) {
                    submit(users, begun, 0);
                }
                for (BusRecord<?> record : reader.poll(Duration.ofMillis(20))) {
                    RunEvent event = record.as(Topic.RUN_EVENTS);
                    if (event != null) {
                        take(event, users, System.nanoTime() < endsNs);
                    }
                }
                if (nowNs - sampleAtNs >= 0 && nowNs < endsNs) {
                    sampleAtNs += 1_000_000_000L;
                    lag.add((long) metric("flowlane_consumer_lag_records"));
                    residentKb.add(residentKb());
                }
                if (fleet.failure() != null || !coordinator.isAlive() || nowNs > limitNs) {
                    throw new AssertionError("live runs " + live + ", coordinator: " + coordinator.output(),
                            fleet.failure());
                }
            }
            residentKb.add(residentKb());
            List<String> transactions = metrics().lines()
                    .filter(line -> line.startsWith("flowlane_transaction_seconds"))
                    .toList();
            return new Outcome(ended, answerNs, decisionNs, lag, residentKb, fleet.intervals(), fleet.undelivered(),
                    fleet.latest(), transactions);
        }
    }

    static String host(int number) {
        return "host-" + number;
    }

    /** The run of the five hosts of that place. */
    static RunSpec spec(Load load, int place) {
        List<String> sources = IntStream.range(0, HOSTS_PER_RUN - 1)
                .mapToObj(i -> host(place * HOSTS_PER_RUN + i))
                .toList();
        String destination = host(place * HOSTS_PER_RUN + HOSTS_PER_RUN - 1);
        return new RunSpec(
                sources,
                List.of(destination),
                Topology.FAN_IN,
                load.flowsPerPair(),
                new Traffic.Stream(),
                load.runLength(),
                Duration.ZERO,
                Duration.ofSeconds(1),
                RunSpec.ANY_IP_VERSION,
                new PlacementPolicy(
                        new ApplicationCpu.SameCore(), Exclusive.STRICT, Smt.AVOID, null, null, false, 512),
                new IoSettings(IoEngine.EPOLL, 65_536, 65_536, true),
                new SocketSettings(true, null, null, null, null),
                WhenBusy.QUEUE);
    }

    private void submit(BusWriter users, int place, int round) {
        String runId = "run-" + place + "-" + round;
        RunSpec spec = spec(load, place);
        sentAtNs.put("c-" + runId, System.nanoTime());
        live++;
        var _ = users.send(
                Topic.COMMANDS, runId, RunCommandAvro.submit("c-" + runId, runId, "load", spec, null));
    }

    private void take(RunEvent event, BusWriter users, boolean again) {
        Long sent = event.getEventType() == RunEventType.ANSWER ? sentAtNs.remove(event.getCommandId()) : null;
        if (sent != null) {
            answerNs.recordValue(System.nanoTime() - sent);
        }
        RunStateName state = event.getState();
        if (event.getEventType() != RunEventType.STATE || state == null || !isTerminal(state)) {
            return;
        }
        live--;
        ended.merge(state, 1, Integer::sum);
        if (again) {
            String[] parts = event.getRunId().split("-", -1);
            submit(users, Integer.parseInt(parts[1]), Integer.parseInt(parts[2]) + 1);
        }
    }

    private static boolean isTerminal(RunStateName state) {
        return switch (state) {
            case COMPLETED, DISTURBED, PARTIAL, FAILED, CANCELLED, REJECTED, EXPIRED -> true;
            case UNKNOWN, QUEUED, CONNECTING, PLACED, RUNNING, FINISHING -> false;
        };
    }

    /** The sum of a metric's series. */
    private double metric(String name) throws IOException, InterruptedException {
        return metrics().lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private String metrics() throws IOException, InterruptedException {
        URI uri = URI.create("http://" + coordinator.http().orElseThrow() + "/metrics");
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    private long residentKb() throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(coordinator.pid()), "status")).lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }
}
