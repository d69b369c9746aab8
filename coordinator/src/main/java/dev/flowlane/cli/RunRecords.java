package dev.flowlane.cli;

import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that the topics have of some ended runs. */
final class RunRecords {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /** Record times are those of hosts, the begin of a run is the broker's. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    /** What a run leaves, in the order in which people want it. */
    static final List<Topic<?>> TOPICS = List.of(
            Topic.RUN_RESULTS,
            Topic.FLOW_RESULTS,
            Topic.FLOW_STATS,
            Topic.LATENCY,
            Topic.TCP_STATS,
            Topic.CPU_PLACEMENT,
            Topic.CPU_USE);

    private final Cluster cluster;
    private final Map<String, RunResult> results;

    private RunRecords(Cluster cluster, Map<String, RunResult> results) {
        this.cluster = cluster;
        this.results = results;
    }

    /** Takes a record; may fail because it writes it somewhere. */
    interface Sink {
        void accept(SpecificRecord record) throws IOException;
    }

    /**
     * Looks for the runs.
     *
     * @throws CliException if one of them is not known or has no result
     */
    static RunRecords of(Cluster cluster, List<String> runIds) {
        Map<String, RunResult> results = new LinkedHashMap<>();
        TopicView view = new TopicView(cluster);
        for (String runId : runIds) {
            RunResult result = view.run(runId).result();
            if (result == null) {
                throw CliException.rejected("run " + runId + " has no result yet, or it is older than the topic keeps",
                        "where it is: flowlane get " + runId);
            }
            results.put(runId, result);
        }
        return new RunRecords(cluster, results);
    }

    /** By run id, in the order in which they were asked for. */
    Map<String, RunResult> results() {
        return results;
    }

    /** Gives every record of the runs on that topic to the sink; those of one flow end in order. */
    void read(Topic<?> topic, Sink sink) throws IOException {
        if (topic == Topic.RUN_RESULTS) {
            for (RunResult result : results.values()) {
                sink.accept(result);
            }
            return;
        }
        Schema.Field runId = topic.schema().getField("run_id");
        try (BusReader reader = cluster.bus().reader("flowlane-cli", OnMalformed.COUNT)) {
            reader.assign(topic, ReadFrom.since(since()));
            long newsNs = System.nanoTime();
            while (!reader.caughtUp()) {
                List<BusRecord<?>> records = reader.poll(POLL);
                for (BusRecord<?> record : records) {
                    SpecificRecord value = record.as(topic);
                    if (value != null && results.containsKey(String.valueOf(value.get(runId.pos())))) {
                        sink.accept(value);
                    }
                }
                if (!records.isEmpty()) {
                    newsNs = System.nanoTime();
                } else if (System.nanoTime() - newsNs > SILENCE.toNanos()) {
                    throw CliException.preflight("Kafka at " + cluster.settings().bootstrapServers()
                            + " delivers nothing, though there is more to read",
                            "is the cluster well? see the broker's log");
                }
            }
        }
    }

    /** All records of one topic at once. */
    <T extends SpecificRecord> List<T> all(Topic<T> topic) {
        List<T> all = new ArrayList<>();
        try {
            read(topic, record -> all.add(topic.type().cast(record)));
        } catch (IOException e) {
            throw new IllegalStateException("a list takes everything", e);
        }
        return all;
    }

    private Instant since() {
        return results.values().stream()
                .map(RunRecords::begin)
                .min(Instant::compareTo)
                .orElse(Instant.EPOCH)
                .minus(CLOCKS_DIFFER);
    }

    private static Instant begin(RunResult result) {
        @Nullable Instant submitted = result.getSubmittedTime();
        return submitted == null ? Instant.EPOCH.plus(CLOCKS_DIFFER) : submitted;
    }
}
