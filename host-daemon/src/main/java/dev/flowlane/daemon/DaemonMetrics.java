package dev.flowlane.daemon;

import dev.flowlane.daemon.machine.CommandOutcome;
import dev.flowlane.daemon.machine.HostState;
import dev.flowlane.daemon.machine.News;
import dev.flowlane.daemon.plane.HandshakeOutcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * The daemon's figures. They are counted from the start; the registry that shows them is made at the first scrape,
 * because it takes longer to load than the rest of the daemon.
 */
final class DaemonMetrics {
    private record Labelled(String name, String one, String two) {}

    /** What is asked for at a scrape. */
    record Sources(
            DoubleSupplier lastHeartbeatSeconds,
            DoubleSupplier clockOffsetSeconds,
            LongSupplier publishedIntervals,
            LongSupplier droppedIntervals,
            LongSupplier queuedIntervals,
            LongSupplier deadLetters,
            String version) {}

    private final Map<Labelled, LongAdder> counters = new ConcurrentHashMap<>();
    private volatile @Nullable HostState state;
    private @Nullable PrometheusMeterRegistry registry;

    /** Kept here because the registry refers to it weakly. */
    private @Nullable Sources shownSources;

    void command(String type, CommandOutcome outcome) {
        count("commands", type, outcome.name());
    }

    void handshake(HandshakeOutcome outcome) {
        count("handshakes", outcome.name(), "");
    }

    void news(News news) {
        if (news instanceof News.Ended(var _, var flow)) {
            count("flow_ends", flow.outcome().name(), "");
        }
    }

    void state(HostState now) {
        state = now;
    }

    private void count(String name, String one, String two) {
        counters.computeIfAbsent(new Labelled(name, one, two), _ -> new LongAdder()).increment();
    }

    /** Everything in Prometheus' text form; always from the same sources. For one thread. */
    String scrape(Sources sources) {
        PrometheusMeterRegistry shown =
                registry == null || !sources.equals(shownSources) ? open(sources) : registry;
        counters.forEach((labels, adder) -> show(shown, labels, adder));
        return shown.scrape();
    }

    private PrometheusMeterRegistry open(Sources sources) {
        PrometheusMeterRegistry opened = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry = opened;
        shownSources = sources;
        gauge(opened, "host.last.heartbeat.time", "When the broker last took an event of this daemon", "seconds",
                sources.lastHeartbeatSeconds());
        gauge(opened, "host.clock.offset", "Broker's clock minus this host's", "seconds", sources.clockOffsetSeconds());
        gauge(opened, "coordinator.epoch", "Highest epoch of any coordinator heard", null, () -> of(HostState::epoch));
        gauge(opened, "live.runs", "Runs of which this daemon holds anything", null,
                () -> of(now -> now.liveRunIds().size()));
        gauge(opened, "telemetry.queued.intervals", "Intervals that wait to be sent", null,
                () -> sources.queuedIntervals().getAsLong());
        worker(opened, "idle", () -> of(HostState::idleWorkers));
        worker(opened, "busy", () -> of(HostState::busyWorkers));
        worker(opened, "warming", () -> of(HostState::warmingWorkers));
        counter(opened, "telemetry.published", "Intervals that the broker acknowledged", sources.publishedIntervals());
        counter(opened, "telemetry.dropped", "Intervals that arrived and did not reach the broker",
                sources.droppedIntervals());
        counter(opened, "dead.letters", "Commands that could not be decoded", sources.deadLetters());
        Gauge.builder("flowlane.build.info", () -> 1)
                .description("Version of the daemon")
                .tag("version", sources.version())
                .register(opened);
        new JvmMemoryMetrics().bindTo(opened);
        new JvmThreadMetrics().bindTo(opened);
        new ProcessorMetrics().bindTo(opened);
        new FileDescriptorMetrics().bindTo(opened);
        new UptimeMetrics().bindTo(opened);
        return opened;
    }

    private double of(ToDoubleFunction<HostState> figure) {
        HostState now = state;
        return now == null ? 0 : figure.applyAsDouble(now);
    }

    private static void gauge(
            PrometheusMeterRegistry registry,
            String name,
            String description,
            @Nullable String unit,
            DoubleSupplier value) {
        Gauge.builder("flowlane." + name, value::getAsDouble)
                .description(description)
                .baseUnit(unit)
                .register(registry);
    }

    private static void worker(PrometheusMeterRegistry registry, String state, DoubleSupplier count) {
        Gauge.builder("flowlane.workers", count::getAsDouble)
                .description("Worker processes")
                .tag("state", state)
                .register(registry);
    }

    private static void counter(
            PrometheusMeterRegistry registry, String name, String description, LongSupplier value) {
        FunctionCounter.builder("flowlane." + name, value, LongSupplier::getAsLong)
                .description(description)
                .register(registry);
    }

    private static void show(PrometheusMeterRegistry registry, Labelled labels, LongAdder adder) {
        String name = "flowlane." + labels.name().replace('_', '.');
        var counter = FunctionCounter.builder(name, adder, LongAdder::sum);
        if (labels.two().isEmpty()) {
            counter.tag("outcome", lower(labels.one()));
        } else {
            counter.tag("type", lower(labels.one())).tag("outcome", lower(labels.two()));
        }
        counter.register(registry); // Again at every scrape: what is known already stays.
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
