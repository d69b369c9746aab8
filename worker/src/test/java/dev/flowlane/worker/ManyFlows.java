package dev.flowlane.worker;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Many flows of request-response between two worker processes, without a daemon: what the ends of their intervals cost,
 * in round trips and in CPU time of the workers' other threads. Prints one line. Arguments: flows (256), seconds (5),
 * interval in ms (1000), CPU of the source (0), CPU of the destination (1); and, at any place, options of the workers'
 * JVMs, which begin with a hyphen, and the engine (EPOLL).
 */
public final class ManyFlows {
    private ManyFlows() {}

    public static void main(String[] args) throws Exception {
        int[] numbers = {256, 5, 1000, 0, 1};
        List<String> options = new ArrayList<>();
        int given = 0;
        Engine engine = Engine.EPOLL;
        for (String arg : args) {
            if (arg.startsWith("-")) {
                options.add(arg);
            } else if (Character.isLetter(arg.charAt(0))) {
                engine = Engine.valueOf(arg);
            } else {
                numbers[given++] = Integer.parseInt(arg);
            }
        }
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        String classPath = WorkerProcess.testClassPath();
        try (WorkerProcess source = WorkerProcess.spawn(folder, classPath, null, options);
                WorkerProcess destination = WorkerProcess.spawn(folder, classPath, null, options)) {
            measure(source, destination, engine, numbers);
        }
    }

    private static void measure(WorkerProcess source, WorkerProcess destination, Engine engine, int[] numbers)
            throws Exception {
        int flows = numbers[0];
        FlowSettings settings = Settings.stream()
                .kind(TrafficKind.REQUEST_RESPONSE)
                .messages(1, 1)
                .together(flows, engine)
                .times(numbers[1] * 1000L, 1000, numbers[2])
                .build();
        Seats sources = Seats.of(source.daemon(), flows);
        Seats destinations = Seats.of(destination.daemon(), flows);
        for (int i = 0; i < flows; i++) {
            SocketPair pair = Loopback.tcp();
            String name = "flow-" + i;
            sources.get(i).assign(
                    new ToWorker.Assign(name, Role.SOURCE, settings, numbers[3], null), pair.first());
            destinations.get(i).assign(
                    new ToWorker.Assign(name, Role.DESTINATION, settings, numbers[4], null), pair.second());
        }
        sources.ready();
        destinations.ready();
        long beforeNs = processNs(source) + processNs(destination);
        destinations.send(new ToWorker.Start());
        sources.send(new ToWorker.Start());
        List<DaemonEnd.Flown> sent = sources.flown();
        List<DaemonEnd.Flown> received = destinations.flown();
        long allNs = processNs(source) + processNs(destination) - beforeNs;
        print(numbers, sent, received, allNs);
    }

    private static void print(
            int[] numbers, List<DaemonEnd.Flown> sent, List<DaemonEnd.Flown> received, long allNs)
            throws Exception {
        Histogram roundTrips = IntervalSlot.newHistogram();
        double rate = 0;
        int intervals = 0;
        for (DaemonEnd.Flown flow : sent) {
            Bytes histogram = Objects.requireNonNull(flow.end().roundTripHistogram());
            roundTrips.add(Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(histogram.toArray()), 0));
            rate += flow.end().measured().transactions() * 1e9 / flow.end().windowNs();
            intervals += flow.intervals().size();
        }
        // The I/O thread's own time is the same for all its flows.
        long loopsNs = io(sent.getFirst()) + io(received.getFirst());
        System.out.printf(
                Locale.ROOT,
                "%d flows, %d s, intervals of %d ms: %.1f thousand round trips/s, p50 %.0f us, p99 %.0f us, p99.9 %.0f"
                        + " us; longest turns of the source in us:%s; the other threads of both: %.2f s, that is %.0f"
                        + " us for each interval of an end%n",
                numbers[0], numbers[1], numbers[2], rate / 1e3, roundTrips.getValueAtPercentile(50) / 1e3,
                roundTrips.getValueAtPercentile(99) / 1e3, roundTrips.getValueAtPercentile(99.9) / 1e3,
                longestTurns(sent.getFirst()), (allNs - loopsNs) / 1e9, (allNs - loopsNs) / 1e3 / (2.0 * intervals));
    }

    private static long io(DaemonEnd.Flown flow) {
        return flow.intervals().stream()
                .mapToLong(interval -> interval.thread().userNs() + interval.thread().systemNs())
                .sum();
    }

    private static String longestTurns(DaemonEnd.Flown flow) {
        StringBuilder text = new StringBuilder();
        flow.intervals().forEach(interval -> text.append(' ').append(interval.thread().longestTurnNs() / 1000));
        return text.toString();
    }

    private static long processNs(WorkerProcess worker) {
        return worker.process().info().totalCpuDuration().orElseThrow().toNanos();
    }
}
