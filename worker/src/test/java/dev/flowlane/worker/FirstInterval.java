package dev.flowlane.worker;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether warm-up has left anything to compile: for each kind of traffic, two new worker processes and one flow, with
 * the warm-up that a run has by default or with none of its own, over and over. Prints what the first measured interval
 * came to over the median of all, in rate and in CPU time of the I/O thread per unit, each as the median over the
 * rounds; on a machine with other work the second is the one to look at. And which methods were compiled meanwhile, or
 * their code thrown away, for any thread of either worker, in how many of the rounds. Ends with 1 when the CPU time of
 * any kind is beyond the tolerance.
 *
 * <p>Arguments: rounds (5), interval in ms (100), tolerance in percent (5), warm-up of the flows in ms (1000), words of
 * which the names of the cases must have one (all).
 */
public final class FirstInterval {
    private static final int INTERVALS = 15;

    /** Wall clock, tier and method of a line such as {@code [17...ms]  56 % b 4 a.B::c @ 7 (89 bytes)}. */
    private static final Pattern COMPILATION =
            Pattern.compile("^\\[(\\d+)ms] +\\d+[ %sbn!]+(\\d) +(\\S+)(?: @ \\d+)? \\(\\d+ bytes\\)(?: +(made.*))?");

    private record Case(String name, FlowSettings settings) {}

    /**
     * The first interval over the median of all.
     *
     * @param compiled what either worker's JVM compiled or threw away in the first interval
     */
    private record Ratio(double rate, double cpu, List<String> compiled) {}

    private FirstInterval() {}

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int intervalMs = args.length > 1 ? Integer.parseInt(args[1]) : 100;
        double tolerance = (args.length > 2 ? Double.parseDouble(args[2]) : 5) / 100;
        int warmupMs = args.length > 3 ? Integer.parseInt(args[3]) : 1000;
        List<String> words = args.length > 4 ? List.of(args).subList(4, args.length) : List.of("");
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        boolean good = true;
        for (Case one : cases(intervalMs, warmupMs)) {
            if (words.stream().noneMatch(one.name()::contains)) {
                continue;
            }
            List<Ratio> ratios = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                ratios.add(measure(folder, one.settings()));
            }
            double rate = median(ratios, Ratio::rate);
            double cpu = median(ratios, Ratio::cpu);
            boolean kept = cpu <= 1 + tolerance;
            good &= kept;
            Map<String, Long> compiled = ratios.stream()
                    .flatMap(ratio -> ratio.compiled().stream().distinct())
                    .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
            System.out.printf(
                    Locale.ROOT, "%-40s rate %.3f  cpu per unit %.3f  compiled %d methods  %s%n", one.name(), rate, cpu,
                    compiled.size(), kept ? "" : "more CPU than allowed");
            compiled.forEach((method, times) -> System.out.printf("    %dx %s%n", times, method));
        }
        System.exit(good ? 0 : 1);
    }

    private static List<Case> cases(int intervalMs, int warmupMs) {
        List<Case> cases = new ArrayList<>();
        for (TrafficKind kind : TrafficKind.values()) {
            cases.add(new Case(kind.name(), settings(intervalMs, warmupMs).kind(kind).build()));
        }
        for (Engine engine : Engine.values()) {
            FlowSettings requests =
                    settings(intervalMs, warmupMs).kind(TrafficKind.REQUEST_RESPONSE).engine(engine).build();
            cases.add(new Case("REQUEST_RESPONSE " + engine, requests));
        }
        Settings several = settings(intervalMs, warmupMs).kind(TrafficKind.REQUEST_RESPONSE).outstanding(64);
        cases.add(new Case("REQUEST_RESPONSE 64 outstanding", several.build()));
        Pace pace = new Pace(Pace.Arrival.POISSON, 5_000, 1);
        cases.add(new Case("REQUEST_RESPONSE at a pace", several.pace(pace).build()));
        cases.add(new Case("STREAM with timestamps", settings(intervalMs, warmupMs).receiveTimestamps().build()));
        return cases;
    }

    private static Settings settings(int intervalMs, int warmupMs) {
        return Settings.stream().times((long) INTERVALS * intervalMs, warmupMs, intervalMs);
    }

    private static Ratio measure(Path folder, FlowSettings settings) throws Exception {
        String classPath = WorkerProcess.testClassPath();
        Path logs = Files.createTempDirectory(folder, "compiled");
        Path atSourceLog = logs.resolve("source");
        Path atDestinationLog = logs.resolve("destination");
        try (WorkerProcess source = WorkerProcess.spawn(folder, classPath, null, logTo(atSourceLog));
                WorkerProcess destination = WorkerProcess.spawn(folder, classPath, null, logTo(atDestinationLog))) {
            SocketPair connection = Loopback.tcp();
            ToWorker.Assign atSource = new ToWorker.Assign("first", Role.SOURCE, settings, -1, null);
            ToWorker.Assign atDestination = new ToWorker.Assign("first", Role.DESTINATION, settings, -1, null);
            if (settings.kind().datagrams()) {
                SocketPair datagrams = Loopback.udp("127.0.0.1");
                source.daemon().assign(atSource, connection.first(), datagrams.first());
                destination.daemon().assign(atDestination, connection.second(), datagrams.second());
            } else {
                source.daemon().assign(atSource, connection.first());
                destination.daemon().assign(atDestination, connection.second());
            }
            source.daemon().receive(FromWorker.Ready.class);
            destination.daemon().receive(FromWorker.Ready.class);
            destination.daemon().send(new ToWorker.Start());
            source.daemon().send(new ToWorker.Start());
            DaemonEnd.Flown sent = source.daemon().flown();
            DaemonEnd.Flown received = destination.daemon().flown();
            if (measured(sent).size() < INTERVALS) {
                throw new IllegalStateException(settings.kind() + " had " + measured(sent).size()
                        + " intervals: " + sent.end().outcome() + " " + sent.end().message());
            }
            List<String> compiled = new ArrayList<>(compiled(atSourceLog, measured(sent).getFirst()));
            compiled.addAll(compiled(atDestinationLog, measured(received).getFirst()));
            return ratio(measured(settings.kind().timed() ? sent : received), compiled);
        } finally {
            Files.deleteIfExists(atSourceLog);
            Files.deleteIfExists(atDestinationLog);
            Files.delete(logs);
        }
    }

    private static List<String> logTo(Path log) {
        return List.of("-Xlog:jit+compilation=debug:file=" + log + ":timemillis:filecount=0");
    }

    /** What a JVM's log tells of code that was compiled, or found wrong and thrown away: method, tier, and why. */
    private static List<String> compiled(Path log, IntervalReport interval) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(COMPILATION::matcher)
                    .filter(Matcher::find)
                    .filter(found -> !"made not entrant: not used".equals(found.group(4)))
                    .filter(found -> {
                        long beganNs = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(found.group(1)));
                        return beganNs >= interval.startedWallNs() && beganNs < interval.endedWallNs();
                    })
                    .map(found -> "%s, tier %s%s"
                            .formatted(
                                    found.group(3),
                                    found.group(2),
                                    found.group(4) == null ? "" : ", " + found.group(4).strip()))
                    .toList();
        }
    }

    private static List<IntervalReport> measured(DaemonEnd.Flown flow) {
        return flow.intervals().stream().filter(interval -> !interval.warmup()).toList();
    }

    private static Ratio ratio(List<IntervalReport> intervals, List<String> compiled) {
        return new Ratio(
                overMedian(intervals, FirstInterval::rate), overMedian(intervals, FirstInterval::cpuPerUnit), compiled);
    }

    private static double overMedian(List<IntervalReport> intervals, ToDoubleFunction<IntervalReport> figure) {
        // The last one is as long as was left.
        List<IntervalReport> whole = intervals.subList(0, intervals.size() - 1);
        return figure.applyAsDouble(whole.getFirst()) / median(whole, figure);
    }

    private static double rate(IntervalReport interval) {
        return units(interval) * 1e9 / interval.intervalNs();
    }

    private static double cpuPerUnit(IntervalReport interval) {
        return (interval.thread().userNs() + interval.thread().systemNs()) / Math.max(1.0, units(interval));
    }

    private static double units(IntervalReport interval) {
        long transactions = interval.traffic().transactions();
        return transactions > 0 ? transactions : interval.traffic().receivedBytes();
    }

    private static <T> double median(List<T> of, ToDoubleFunction<T> figure) {
        double[] sorted = of.stream().mapToDouble(figure).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
