package dev.flowlane.worker;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.MalformedMessageException;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.DataFormatException;

/**
 * Two worker processes, one flow after another between them over loopback, and as much of a daemon as that takes: for
 * measuring the workers without a bus. Prints one JSON object per flow. Options are {@code name=value}: kind (stream,
 * request-response), engine, request, response, read, write (bytes), duration, warmup, interval (ms), validate,
 * source-cpu, destination-cpu, housekeeping, rounds, class-path, aot-cache ({@code make} makes one first).
 */
public final class FlowPair {
    private final Map<String, String> options;

    private FlowPair(Map<String, String> options) {
        this.options = options;
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals < 0) {
                System.err.println("expected name=value, got " + arg);
                System.exit(2);
            }
            options.put(arg.substring(0, equals), arg.substring(equals + 1));
        }
        new FlowPair(options).run();
    }

    private String option(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    private int number(String name, int otherwise) {
        return Integer.parseInt(option(name, Integer.toString(otherwise)));
    }

    private long millis(String name, int otherwise) {
        return TimeUnit.MILLISECONDS.toNanos(number(name, otherwise));
    }

    private void run() throws Exception {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        String classPath = option("class-path", WorkerProcess.testClassPath());
        boolean made = option("aot-cache", "").equals("make");
        Path aotCache = made ? makeAotCache(classPath) : givenAotCache();
        try (WorkerProcess source = WorkerProcess.spawn(folder, classPath, aotCache);
                WorkerProcess destination = WorkerProcess.spawn(folder, classPath, aotCache)) {
            if (made && aotCache != null) {
                // Both have it mapped.
                Files.delete(aotCache);
            }
            for (int round = 0; round < number("rounds", 1); round++) {
                flow(source, destination);
            }
        }
    }

    private @Nullable Path givenAotCache() {
        String aot = option("aot-cache", "");
        return aot.isEmpty() ? null : Path.of(aot);
    }

    private static Path makeAotCache(String classPath) throws IOException, InterruptedException {
        Path cache = Files.createTempFile("flow-pair", ".aot");
        List<String> train = WorkerJvm.train(
                WorkerProcess.JAVA_HOME, classPath, cache, Runtime.getRuntime().availableProcessors());
        int exit = new ProcessBuilder(train)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("training ended with " + exit);
        }
        return cache;
    }

    private FlowSettings settings() {
        return new FlowSettings(
                TrafficKind.valueOf(constant("kind", "stream")),
                number("request", 1),
                number("response", 1),
                number("outstanding", 1),
                pace(),
                millis("duration", 3000),
                millis("warmup", 500),
                millis("interval", 1000),
                Engine.valueOf(constant("engine", "blocking")),
                number("read", 64 << 10),
                number("write", 64 << 10),
                Boolean.parseBoolean(option("validate", "true")),
                Boolean.parseBoolean(option("truncate", "false")),
                Boolean.parseBoolean(option("zerocopy", "false")),
                SocketOptions.DEFAULT,
                FlowSettings.DEFAULT_DRAIN_TIMEOUT_NS,
                FlowSettings.DEFAULT_SETTLE_TIMEOUT_NS);
    }

    private @Nullable Pace pace() {
        String rate = options.get("rate");
        return rate == null
                ? null
                : new Pace(Pace.Arrival.valueOf(constant("arrival", "constant")), Double.parseDouble(rate), 1);
    }

    private String constant(String name, String otherwise) {
        return option(name, otherwise).toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private void flow(WorkerProcess source, WorkerProcess destination)
            throws TimeoutException, MalformedMessageException, DataFormatException {
        SocketPair connection = Loopback.tcp();
        String housekeeping = options.get("housekeeping");
        FlowSettings settings = settings();
        source.daemon().assign(
                new ToWorker.Assign("pair", Role.SOURCE, settings, number("source-cpu", -1), housekeeping),
                connection.first());
        destination.daemon().assign(
                new ToWorker.Assign("pair", Role.DESTINATION, settings, number("destination-cpu", -1), housekeeping),
                connection.second());
        source.daemon().receive(FromWorker.Ready.class);
        destination.daemon().receive(FromWorker.Ready.class);
        destination.daemon().send(new ToWorker.Start());
        source.daemon().send(new ToWorker.Start());
        EndReport sent = source.daemon().flown().end();
        EndReport received = destination.daemon().flown().end();
        print(settings, source, destination, sent, received);
    }

    private void print(
            FlowSettings settings,
            WorkerProcess source,
            WorkerProcess destination,
            EndReport sent,
            EndReport received)
            throws DataFormatException {
        Histogram roundTrips = decode(sent.roundTripHistogram());
        double bits = received.measured().receivedBytes() * 8.0 / received.windowNs() * 1e9;
        double perSecond = sent.measured().transactions() * 1e9 / sent.windowNs();
        System.out.printf(
                Locale.ROOT,
                "{\"kind\":\"%s\",\"engine\":\"%s\",\"source\":\"%s\",\"destination\":\"%s\","
                        + "\"bytes_agree\":%b,\"throughput_bits_per_second\":%.0f,"
                        + "\"transactions_per_second\":%.0f,\"round_trip_p50_ns\":%d,\"round_trip_p90_ns\":%d,"
                        + "\"round_trip_p99_ns\":%d,\"round_trip_p999_ns\":%d,\"round_trip_max_ns\":%d,"
                        + "\"involuntary_switches\":%d,\"run_delay_ns\":%d,\"user_ns\":%d,\"system_ns\":%d,"
                        + "\"send_calls\":%d,\"receive_calls\":%d,\"payload_errors\":%d,"
                        + "\"source_spawn_to_warm_ms\":%d,\"destination_spawn_to_warm_ms\":%d,"
                        + "\"source_resident_bytes\":%d,\"destination_resident_bytes\":%d}%n",
                settings.kind(),
                settings.engine(),
                outcome(sent),
                outcome(received),
                sent.measured().sentBytes() == received.measured().receivedBytes(),
                bits,
                perSecond,
                roundTrips.getValueAtPercentile(50),
                roundTrips.getValueAtPercentile(90),
                roundTrips.getValueAtPercentile(99),
                roundTrips.getValueAtPercentile(99.9),
                roundTrips.getMaxValue(),
                sent.thread().involuntarySwitches(),
                sent.thread().runDelayNs(),
                sent.thread().userNs(),
                sent.thread().systemNs(),
                sent.measured().sendCalls(),
                received.measured().receiveCalls(),
                sent.payloadErrors() + received.payloadErrors(),
                source.spawnToWarm().toMillis(),
                destination.spawnToWarm().toMillis(),
                source.residentBytes(),
                destination.residentBytes());
    }

    private static String outcome(EndReport report) {
        return report.message() == null ? report.outcome().name() : report.outcome() + " " + report.message();
    }

    private static Histogram decode(@Nullable Bytes histogram) throws DataFormatException {
        return histogram == null
                ? IntervalSlot.newHistogram()
                : Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(histogram.toArray()), 1);
    }
}
