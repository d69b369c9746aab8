package dev.flowlane.coordinator;

import dev.flowlane.bus.Topic;
import dev.flowlane.core.run.StateName;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.buffer.Buffer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The coordinator's own metrics. Counters count what this process did and not what it replayed; gauges are read from
 * the published snapshot by {@link SnapshotCollector} when somebody scrapes.
 */
final class Metrics implements AutoCloseable {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    /** The only form that has native histograms. */
    private static final String PROTOBUF =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private static final Set<String> UNTIDY = Set.of("process.cpu.time", "system.cpu.count");

    private static final Duration[] TRANSACTION_BUCKETS = millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000);
    private static final Duration[] PLACEMENT_BUCKETS =
            millis(5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000);

    private final PrometheusMeterRegistry registry;
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final Timer transactions;
    private final Timer placement;
    private final AtomicLong lostDeadLetters = new AtomicLong();

    /** One scrape, as it is sent. */
    record Exposition(String contentType, Buffer body) {}

    /**
     * Metrics of nothing yet.
     *
     * @param maxSeries most series of runs at a time
     */
    Metrics(Supplier<Snapshot> snapshot, BuildInfo build, ClientMetrics client, int maxSeries) {
        PrometheusRegistry prometheus = new PrometheusRegistry();
        prometheus.register(new SnapshotCollector(snapshot, client, InstantSource.system(), maxSeries));
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
        // Nanoseconds, and a gauge that ends in _count: not as Prometheus names things.
        registry.config().meterFilter(MeterFilter.deny(id -> UNTIDY.contains(id.getName())));
        transactions = Timer.builder("flowlane.transaction")
                .description("Time of one read-decide-write transaction, from its begin to its commit.")
                .serviceLevelObjectives(TRANSACTION_BUCKETS)
                .register(registry);
        placement = Timer.builder("flowlane.placement")
                .description("Time from the first CONNECT of a search to the choice of its lanes.")
                .serviceLevelObjectives(PLACEMENT_BUCKETS)
                .register(registry);
        for (StateName state : StateName.values()) {
            if (state.terminal()) {
                runsEnded(state);
            }
        }
        Gauge.builder("flowlane.build.info", () -> 1)
                .description("Build of this process.")
                .tag("component", "coordinator")
                .tag("version", build.version())
                .tag("java", build.java())
                .register(registry);
        deadLetters(Topic.COMMANDS.suffix(), 0);
        deadLetters(Topic.HOST_EVENTS.suffix(), 0);
        FunctionCounter.builder("flowlane.dead.letters.lost", lostDeadLetters, AtomicLong::doubleValue)
                .description("Those that the dead-letter topic did not take.")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        gc.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /**
     * The current values in a form that Prometheus takes.
     *
     * @param accepted the request's {@code Accept} header: protobuf where it asks for it, text otherwise
     */
    Exposition scrape(String accepted) {
        String contentType = accepted.contains("application/vnd.google.protobuf") ? PROTOBUF : TEXT;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            registry.scrape(body, contentType);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Exposition(contentType, Buffer.buffer(body.toByteArray()));
    }

    /** Counts what a turn has done. */
    void count(Counted what) {
        switch (what) {
            case Counted.CommandAnswered(String type, String outcome) -> commandAnswered(type, outcome);
            case Counted.RunEnded(StateName state) -> runsEnded(state).increment();
            case Counted.CandidateReported(boolean opened) -> candidate(opened);
            case Counted.Placed(Duration took) -> placement.record(took.isNegative() ? Duration.ZERO : took);
        }
    }

    private void commandAnswered(String type, String outcome) {
        Counter.builder("flowlane.commands")
                .description("Commands of users by what became of them.")
                .tag("type", type)
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }

    private void candidate(boolean opened) {
        Counter.builder("flowlane.placement.candidates")
                .description("Connections of searches, as reported by their source ends.")
                .tag("outcome", opened ? "opened" : "failed")
                .register(registry)
                .increment();
    }

    /** A transaction was committed. */
    void committed(Duration took) {
        transactions.record(took);
    }

    /** A record decoded, but made no sense. */
    void unreadable(String topic) {
        Counter.builder("flowlane.unreadable.records")
                .description("Records that decoded but made no sense and had no effect.")
                .tag("topic", topic)
                .register(registry)
                .increment();
    }

    /** The coordinator had to begin again from the topics. */
    void restarted() {
        Counter.builder("flowlane.coordinator.restarts")
                .description("Times that an error of Kafka made the coordinator begin again from the topics.")
                .register(registry)
                .increment();
    }

    /** More records of a topic could not be decoded. */
    void deadLetters(String topic, long more) {
        Counter.builder("flowlane.dead.letters")
                .description("Records that could not be decoded and went to the dead letters, by their topic.")
                .tag("topic", topic)
                .register(registry)
                .increment((double) more);
    }

    /** More dead letters were not taken. */
    void lostDeadLetters(long more) {
        lostDeadLetters.addAndGet(more);
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }

    private Counter runsEnded(StateName state) {
        return Counter.builder("flowlane.runs")
                .description("Runs that ended, by terminal state.")
                .tag("outcome", state.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private static Duration[] millis(long... millis) {
        Duration[] durations = new Duration[millis.length];
        for (int i = 0; i < millis.length; i++) {
            durations[i] = Duration.ofMillis(millis[i]);
        }
        return durations;
    }
}
