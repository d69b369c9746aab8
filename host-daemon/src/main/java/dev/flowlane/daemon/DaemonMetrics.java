package dev.flowlane.daemon;

import dev.flowlane.bus.Topic;
import dev.flowlane.daemon.machine.CommandOutcome;
import dev.flowlane.daemon.machine.HostState;
import dev.flowlane.daemon.machine.News;
import dev.flowlane.daemon.plane.HandshakeOutcome;
import dev.flowlane.daemon.telemetry.FlowCollector;
import dev.flowlane.daemon.telemetry.FlowFigures;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
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
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
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
            DoubleSupplier lagRecords,
            BooleanSupplier ready,
            String version) {}

    /** One scrape, as it is sent. */
    record Exposition(String contentType, Buffer body) {}

    private static final Set<String> UNTIDY = Set.of("process.cpu.time", "system.cpu.count");

    private static final Map<String, String> HELP = Map.of(
            "host_commands", "Commands of the coordinator by what became of them",
            "handshakes", "Handshakes of data connections by their outcome",
            "flow_ends", "Flow ends of this host by how they ended");

    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    /** The only form that has native histograms. */
    private static final String PROTOBUF =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private final String hostId;
    private final FlowFigures figures;

    private final Map<Labelled, LongAdder> counters = new ConcurrentHashMap<>();
    private volatile @Nullable HostState state;
    private @Nullable PrometheusMeterRegistry registry;

    /** Kept here because the registry refers to it weakly. */
    private @Nullable Sources shownSources;

    DaemonMetrics(String hostId, FlowFigures figures) {
        this.hostId = hostId;
        this.figures = figures;
    }

    void command(String type, CommandOutcome outcome) {
        count("host_commands", type, outcome.name());
    }

    void handshake(HandshakeOutcome outcome) {
        count("handshakes", outcome.name(), "");
    }

    void news(News news) {
        if (news instanceof News.Ended(var run, var flow)) {
            figures.ended(run, flow);
            count("flow_ends", flow.outcome().name(), "");
        }
    }

    void state(HostState now) {
        state = now;
    }

    private void count(String name, String one, String two) {
        counters.computeIfAbsent(new Labelled(name, one, two), _ -> new LongAdder()).increment();
    }

    /**
     * Everything in a form that Prometheus takes; always from the same sources.
     *
     * @param accepted the request's {@code Accept} header: protobuf where it asks for it, text otherwise
     */
    synchronized Exposition scrape(Sources sources, String accepted) {
        PrometheusMeterRegistry shown =
                registry == null || !sources.equals(shownSources) ? open(sources) : registry;
        counters.forEach((labels, adder) -> show(shown, labels, adder));
        String contentType = accepted.contains("application/vnd.google.protobuf") ? PROTOBUF : TEXT;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            shown.scrape(body, contentType);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Exposition(contentType, Buffer.buffer(body.toByteArray()));
    }

    private PrometheusMeterRegistry open(Sources sources) {
        PrometheusRegistry prometheus = new PrometheusRegistry();
        prometheus.register(new FlowCollector(figures));
        PrometheusMeterRegistry opened =
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
        opened.config()
                .commonTags("host", hostId)
                // Nanoseconds, and a gauge that ends in _count: not as Prometheus names things.
                .meterFilter(MeterFilter.deny(id -> UNTIDY.contains(id.getName())));
        registry = opened;
        shownSources = sources;
        gauge(opened, "daemon.last.acknowledged.time", "When the broker last took an event of this daemon", "seconds",
                sources.lastHeartbeatSeconds());
        gauge(opened, "daemon.broker.clock.offset", "Broker's clock minus this host's, as the daemon reckons with it",
                "seconds", sources.clockOffsetSeconds());
        gauge(opened, "daemon.coordinator.epoch", "Highest epoch of any coordinator heard", null,
                () -> of(HostState::epoch));
        gauge(opened, "daemon.live.runs", "Runs of which this daemon holds anything", null,
                () -> of(now -> now.liveRunIds().size()));
        gauge(opened, "telemetry.queued.intervals", "Intervals that wait to be sent", null,
                () -> sources.queuedIntervals().getAsLong());
        worker(opened, "idle", () -> of(HostState::idleWorkers));
        worker(opened, "busy", () -> of(HostState::busyWorkers));
        worker(opened, "warming", () -> of(HostState::warmingWorkers));
        counter(opened, "telemetry.published", "Intervals that the broker acknowledged", sources.publishedIntervals());
        counter(opened, "telemetry.dropped", "Intervals that arrived and did not reach the broker",
                sources.droppedIntervals());
        gauge(opened, "daemon.ready", "1 while the daemon can measure", null,
                () -> sources.ready().getAsBoolean() ? 1 : 0);
        gauge(opened, "consumer.lag.records", "Records on the bus that the daemon has yet to read", null,
                sources.lagRecords());
        FunctionCounter.builder("flowlane.dead.letters", sources.deadLetters(), LongSupplier::getAsLong)
                .description("Records that could not be decoded and went to the dead letters, by their topic.")
                .tag("topic", Topic.HOST_COMMANDS.suffix())
                .register(opened);
        Gauge.builder("flowlane.build.info", () -> 1)
                .description("Build of this process.")
                .tag("component", "host-daemon")
                .tag("java", Runtime.version().toString())
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
        // Again at every scrape: what is known already stays.
        counter.description(HELP.getOrDefault(labels.name(), "")).register(registry);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
