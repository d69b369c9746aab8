package dev.flowlane.bus;

import static dev.flowlane.bus.TopicLayout.Cleanup.COMPACT;
import static dev.flowlane.bus.TopicLayout.Cleanup.DELETE;
import static dev.flowlane.bus.TopicLayout.Clock.BROKER;
import static dev.flowlane.bus.TopicLayout.Clock.WRITER;
import static dev.flowlane.bus.TopicLayout.DEFAULT_MESSAGE_BYTES;
import static dev.flowlane.bus.TopicLayout.LARGE_MESSAGE_BYTES;

import dev.flowlane.avro.Baseline;
import dev.flowlane.avro.CpuPlacement;
import dev.flowlane.avro.CpuUse;
import dev.flowlane.avro.FlowResult;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.Latency;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.TcpStats;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/**
 * A topic and the one record type on it. The constants are the one list of topics; {@link TopicLayout#deadLetters()}
 * is beside it because its records are whatever could not be read.
 *
 * @param <T> generated class of the records
 */
public final class Topic<T extends SpecificRecord> {
    /** What users ask: submit or cancel a run. */
    public static final Topic<RunCommand> COMMANDS =
            of(RunCommand.class, "commands", "run_id", 1, DELETE, 7, BROKER, DEFAULT_MESSAGE_BYTES);

    /** What the coordinator tells daemons. Each reads the partition of its key, see {@link Partitioner}. */
    public static final Topic<HostCommand> HOST_COMMANDS =
            of(HostCommand.class, "host-commands", "host_id", 4, DELETE, 1, BROKER, DEFAULT_MESSAGE_BYTES);

    /** The whole state of each run in one record; the key {@code __coordinator} bears the epoch. */
    public static final Topic<Run> RUNS =
            of(Run.class, "runs", "run_id", 1, COMPACT, null, WRITER, LARGE_MESSAGE_BYTES);

    /** Each daemon's inventory. */
    public static final Topic<Host> HOSTS =
            of(Host.class, "hosts", "host_id", 1, COMPACT, null, WRITER, DEFAULT_MESSAGE_BYTES);

    /** What daemons tell the coordinator. */
    public static final Topic<HostEvent> HOST_EVENTS =
            of(HostEvent.class, "host-events", "host_id", 4, DELETE, 1, BROKER, DEFAULT_MESSAGE_BYTES);

    /** Life of the runs and answers to commands, for users. */
    public static final Topic<RunEvent> RUN_EVENTS = result(RunEvent.class, "run-events", "run_id", 30);

    /** Per interval and flow end: the CPUs it ran and received on. */
    public static final Topic<CpuPlacement> CPU_PLACEMENT = result(CpuPlacement.class, "cpu-placement", "flow_id", 30);

    /** Per interval and flow end: TCP_INFO. */
    public static final Topic<TcpStats> TCP_STATS = result(TcpStats.class, "tcp-stats", "flow_id", 30);

    /** Per interval: round trips of request-response flows. */
    public static final Topic<Latency> LATENCY = result(Latency.class, "latency", "flow_id", 30);

    /** Per interval and flow end: bytes, transactions, calls. */
    public static final Topic<FlowStats> FLOW_STATS = result(FlowStats.class, "flow-stats", "flow_id", 30);

    /** Per interval and CPU of a lane: where its time went. */
    public static final Topic<CpuUse> CPU_USE = result(CpuUse.class, "cpu-use", "flow_id", 30);

    /** One record per flow of an ended run. */
    public static final Topic<FlowResult> FLOW_RESULTS = result(FlowResult.class, "flow-results", "flow_id", 30);

    /** One record per ended run. */
    public static final Topic<RunResult> RUN_RESULTS =
            of(RunResult.class, "run-results", "run_id", 8, DELETE, 365, WRITER, LARGE_MESSAGE_BYTES);

    /** Results under names, kept until somebody removes them. Users write here: so it is no key of runs. */
    public static final Topic<Baseline> BASELINES =
            of(Baseline.class, "baselines", "name", 1, COMPACT, null, WRITER, LARGE_MESSAGE_BYTES);

    /** In the order in which new schemas get their ids; append only. */
    private static final List<Topic<?>> ALL = List.of(
            COMMANDS,
            HOST_COMMANDS,
            RUNS,
            HOSTS,
            HOST_EVENTS,
            RUN_EVENTS,
            CPU_PLACEMENT,
            TCP_STATS,
            LATENCY,
            FLOW_STATS,
            CPU_USE,
            FLOW_RESULTS,
            RUN_RESULTS,
            BASELINES);

    private static final List<Topic<?>> PER_INTERVAL = List.of(CPU_PLACEMENT, TCP_STATS, LATENCY, FLOW_STATS, CPU_USE);

    /** Prefix of the subjects in {@code ids.lock}, whatever prefix the topics of an installation have. */
    static final String DEFAULT_PREFIX = "flowlane";

    private final Class<T> type;
    private final TopicLayout layout;

    private Topic(Class<T> type, TopicLayout layout) {
        this.type = type;
        this.layout = layout;
    }

    private static <T extends SpecificRecord> Topic<T> result(
            Class<T> type, String suffix, String key, int retentionDays) {
        return of(type, suffix, key, 8, DELETE, retentionDays, WRITER, DEFAULT_MESSAGE_BYTES);
    }

    private static <T extends SpecificRecord> Topic<T> of(
            Class<T> type,
            String suffix,
            String key,
            int partitions,
            TopicLayout.Cleanup cleanup,
            @Nullable Integer retentionDays,
            TopicLayout.Clock clock,
            int maxMessageBytes) {
        Duration retention = retentionDays == null ? null : Duration.ofDays(retentionDays);
        return new Topic<>(type, new TopicLayout(suffix, key, partitions, cleanup, retention, clock, maxMessageBytes));
    }

    /** Every topic with Avro records. */
    public static List<Topic<?>> all() {
        return ALL;
    }

    /** Name without the prefix, for example {@code flow-stats}. */
    public String suffix() {
        return layout.suffix();
    }

    /** Generated class of the records. */
    public Class<T> type() {
        return type;
    }

    /** Schema that this build writes; parsed at the first call, because no process needs all of them. */
    public Schema schema() {
        return SpecificData.get().getSchema(type);
    }

    /** Partitions, clean-up, key. */
    public TopicLayout layout() {
        return layout;
    }

    /** Whether daemons write it compressed, see {@link WriterProfile#TELEMETRY}. */
    boolean compressed() {
        return PER_INTERVAL.contains(this);
    }

    /** Full name under a prefix, for example {@code flowlane.flow-stats}. */
    public String name(String prefix) {
        return prefix + "." + layout.suffix();
    }

    /** Subject of the value schema (TopicNameStrategy) under the default prefix, as in {@code ids.lock}. */
    public String subject() {
        return name(DEFAULT_PREFIX) + "-value";
    }

    @Override
    public String toString() {
        return layout.suffix();
    }
}
