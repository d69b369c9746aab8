package dev.flowlane.daemon.telemetry;

import com.sun.management.OperatingSystemMXBean;
import dev.flowlane.bus.Codec;
import dev.flowlane.bus.Topic;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.CpuUse;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.LaneSeen;
import dev.flowlane.worker.protocol.Messages;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ThreadUse;
import dev.flowlane.worker.protocol.Traffic;
import dev.flowlane.worker.protocol.TrafficKind;
import org.HdrHistogram.Histogram;
import org.apache.avro.specific.SpecificRecord;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Prints what an interval of a flow end costs its daemon on the way from a worker's message to the bytes that the
 * producer is given; no broker. Time is that of threads on a CPU, so that other processes hardly matter. A main, not a
 * test: {@code java FLAGS -cp ... dev.flowlane.daemon.telemetry.TelemetryTiming [ENDS ROUND_TRIPS ROUNDS]} with the
 * flags that the daemon is started with, {@code -XX:TieredStopAtLevel=1} above all.
 */
final class TelemetryTiming {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long LONGEST_ROUND_TRIP_NS = 100 * SECOND_NS;
    private static final int TCP_INFO_BYTES = 280;

    private final int ends;
    private final int roundTrips;
    private final Map<Topic<?>, Codec<?>> codecs = new HashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong records = new AtomicLong();
    private final Telemetry telemetry;
    private final Thread thread;

    private TelemetryTiming(int ends, int roundTrips) {
        this.ends = ends;
        this.roundTrips = roundTrips;
        FlowFigures figures =
                new FlowFigures("host-a", "machine-1", 20_000, Duration.ofMinutes(5), System::nanoTime);
        telemetry = new Telemetry("host-a", new Encoder(), _ -> {}, figures);
        telemetry.start();
        thread = Thread.getAllStackTraces().keySet().stream()
                .filter(one -> one.getName().equals("telemetry"))
                .findFirst()
                .orElseThrow();
    }

    /** In place of the producer. */
    private final class Encoder implements Outbox.Sender {
        @Override
        @SuppressWarnings("unchecked") // A topic is mapped to a codec of its type.
        public <T extends SpecificRecord> CompletableFuture<?> send(Outbox.Letter<T> letter) {
            Codec<T> codec = (Codec<T>) codecs.computeIfAbsent(letter.topic(), Codec::of);
            bytes.addAndGet(codec.encode(letter.value()).length);
            records.incrementAndGet();
            return CompletableFuture.completedFuture(null);
        }
    }

    public static void main(String[] arguments) throws Exception {
        int ends = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 256;
        int roundTrips = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 300;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 30;
        new TelemetryTiming(ends, roundTrips).run(rounds);
    }

    private void run(int rounds) throws Exception {
        for (int end = 0; end < ends; end++) {
            telemetry.open(opened(end));
        }
        round(0, rounds / 2);
        long intervals = (long) (rounds - rounds / 2) * ends;
        long bytesBefore = bytes.get();
        long recordsBefore = records.get();
        long threadBefore = THREADS.getThreadCpuTime(thread.threadId());
        long collectingBefore = collectingMs();
        long processBefore = processNs();
        long decodingNs = round(rounds / 2, rounds);
        long processNs = processNs() - processBefore;
        long threadNs = THREADS.getThreadCpuTime(thread.threadId()) - threadBefore;
        System.out.printf(
                Locale.ROOT,
                "%d ends with %d round trips each, %d rounds: an interval takes %.1f us to decode, %.1f us in the"
                        + " telemetry thread, %.1f us of collecting garbage, %.1f us of the process;"
                        + " %.1f records of together %d bytes%n",
                ends,
                roundTrips,
                rounds - rounds / 2,
                us(decodingNs, intervals),
                us(threadNs, intervals),
                us((collectingMs() - collectingBefore) * 1_000_000, intervals),
                us(processNs, intervals),
                (double) (records.get() - recordsBefore) / intervals,
                (bytes.get() - bytesBefore) / intervals);
        telemetry.close();
    }

    private static double us(long ns, long count) {
        return ns / 1_000.0 / count;
    }

    /** CPU time of this thread for taking messages apart. */
    private long round(int from, int to) throws Exception {
        Random random = new Random(from);
        long decodingNs = 0;
        for (int seq = from; seq < to; seq++) {
            List<byte[]> messages = new ArrayList<>();
            for (int end = 0; end < ends; end++) {
                messages.add(Messages.encode(new FromWorker.Interval(report(seq, random))));
            }
            long beforeNs = THREADS.getCurrentThreadCpuTime();
            for (int end = 0; end < ends; end++) {
                if (Messages.fromWorker(ByteBuffer.wrap(messages.get(end)))
                        instanceof FromWorker.Interval(IntervalReport report)) {
                    telemetry.interval(end, report);
                }
            }
            decodingNs += THREADS.getCurrentThreadCpuTime() - beforeNs;
            while (telemetry.queuedIntervals() > 0) {
                LockSupport.parkNanos(1_000_000);
            }
        }
        return decodingNs;
    }

    private static long collectingMs() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
    }

    private static long processNs() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static Effect.OpenTelemetry opened(int number) {
        FlowEndId end = new FlowEndId("r." + number, Role.SOURCE);
        FlowSettings settings = new FlowSettings(
                TrafficKind.REQUEST_RESPONSE, 1, 1, 1, null, 60 * SECOND_NS, SECOND_NS, SECOND_NS, Engine.EPOLL,
                65_536, 65_536, true, false, false, SocketOptions.DEFAULT, SECOND_NS, SECOND_NS);
        return new Effect.OpenTelemetry(
                number,
                new RunRef("r", 1),
                new Order.Assignment(end, 7, 0, -1, "host-b"),
                new ReadyEnd(end, 0, 1, "0", Steering.FOLLOWS_SENDER, 1, 2),
                settings);
    }

    /** As one of 256 flows in a worker has it: a few hundred round trips around some milliseconds. */
    private IntervalReport report(int seq, Random random) {
        Histogram histogram = new Histogram(1, LONGEST_ROUND_TRIP_NS, RoundTrips.SIGNIFICANT_DIGITS);
        for (int i = 0; i < roundTrips; i++) {
            histogram.recordValue((long) (3e6 * Math.exp(random.nextGaussian() * 0.5)));
        }
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        byte[] compressed = new byte[histogram.encodeIntoCompressedByteBuffer(buffer)];
        buffer.get(0, compressed);
        byte[] tcpInfo = new byte[TCP_INFO_BYTES];
        random.nextBytes(tcpInfo);
        Traffic traffic = new Traffic(roundTrips, roundTrips, roundTrips, roundTrips, roundTrips, 0, 0, 0, 0, 0);
        List<CpuUse> cpus = List.of(
                new CpuUse(0, CpuUse.Part.APPLICATION, 250_000_000, 0, 0, 0, 0, 0, 0),
                new CpuUse(1, CpuUse.Part.RECEIVE, 0, 0, 0, 250_000_000, 0, 0, 750_000_000));
        return new IntervalReport(
                seq, seq == 0, seq * SECOND_NS + 1, (seq + 1) * SECOND_NS + 1, SECOND_NS, traffic, traffic,
                ThreadUse.NONE, new LaneSeen(0, "0", 1, "0"), Bytes.copyOf(tcpInfo), roundTrips,
                Bytes.copyOf(compressed), Bytes.empty(), cpus, 0);
    }
}
