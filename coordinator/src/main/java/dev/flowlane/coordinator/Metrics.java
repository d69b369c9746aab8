package dev.flowlane.coordinator;

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
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The coordinator's own metrics. Counters count what this process did and not what it replayed; gauges are read from
 * the published snapshot by {@link SnapshotCollector} when somebody scrapes.
 */
final class Metrics implements AutoCloseable {
    /** Content type of {@link #scrape}. */
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration[] TRANSACTION_BUCKETS = millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000);
    private static final Duration[] PLACEMENT_BUCKETS =
            millis(5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000);

    private final PrometheusMeterRegistry registry;
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final Timer transactions;
    private final Timer placement;
    private final AtomicLong deadLetters = new AtomicLong();
    private final AtomicLong lostDeadLetters = new AtomicLong();

    Metrics(Supplier<Snapshot> snapshot, BuildInfo build, ClientMetrics client) {
        PrometheusRegistry prometheus = new PrometheusRegistry();
        prometheus.register(new SnapshotCollector(snapshot, client));
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
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
                .tag("version", build.version())
                .tag("java", build.java())
                .register(registry);
        count("flowlane.dead.letters", deadLetters, "Records that could not be decoded and went to the dead letters.");
        count("flowlane.dead.letters.lost", lostDeadLetters, "Those that the dead-letter topic did not take.");
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        gc.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    private void count(String name, AtomicLong count, String description) {
        FunctionCounter.builder(name, count, AtomicLong::doubleValue)
                .description(description)
                .register(registry);
    }

    /** The current values in Prometheus' text format. */
    String scrape() {
        return registry.scrape();
    }

    /** A user's command was answered. */
    void commandAnswered(String type, String outcome) {
        Counter.builder("flowlane.commands")
                .description("Commands of users by what became of them.")
                .tag("type", type)
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }

    /** A run has reached a terminal state. */
    void runEnded(StateName state) {
        runsEnded(state).increment();
    }

    /** The source end of a candidate connection was reported. */
    void candidate(boolean opened) {
        Counter.builder("flowlane.placement.candidates")
                .description("Connections of searches, as reported by their source ends.")
                .tag("outcome", opened ? "opened" : "failed")
                .register(registry)
                .increment();
    }

    /** A search has ended in a choice. */
    void placed(Duration took) {
        placement.record(took.isNegative() ? Duration.ZERO : took);
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

    /** More dead letters, and how many of them got lost. */
    void deadLetters(long written, long lost) {
        deadLetters.addAndGet(written);
        lostDeadLetters.addAndGet(lost);
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
