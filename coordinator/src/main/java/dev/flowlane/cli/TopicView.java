package dev.flowlane.cli;

import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.Partitioner;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** What is on the topics now: read to their end and closed again. */
final class TopicView {
    private static final Duration POLL = Duration.ofMillis(200);

    /** A broker that has said where a topic ends but then delivers nothing for this long is not well. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final Cluster cluster;

    TopicView(Cluster cluster) {
        this.cluster = cluster;
    }

    /** The newest record of every key of a compacted topic, in the order in which the keys appeared. */
    <T extends SpecificRecord> Map<String, T> latest(Topic<T> topic) {
        return latest(topic, _ -> {});
    }

    private <T extends SpecificRecord> Map<String, T> latest(Topic<T> topic, Consumer<T> trim) {
        Map<String, T> latest = new LinkedHashMap<>();
        try (BusReader reader = reader()) {
            reader.assign(topic, ReadFrom.BEGINNING);
            toTheEnd(reader, record -> {
                T value = record.as(topic);
                latest.remove(record.key());
                if (value != null) {
                    trim.accept(value);
                    latest.put(record.key(), value);
                }
            });
        }
        return latest;
    }

    /** Every run that the coordinator remembers, oldest first, without what the ends of its flows have reported. */
    List<Run> runs() {
        // Keys with two underscores are the coordinator's own.
        return latest(Topic.RUNS, TopicView::withoutReports).entrySet().stream()
                .filter(run -> !run.getKey().startsWith("__"))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** The most of it by far; the results have it. */
    private static void withoutReports(Run run) {
        for (RunFlow flow : run.getFlows()) {
            flow.setSourceReport(null);
            flow.setDestinationReport(null);
        }
    }

    /**
     * One run.
     *
     * @param run the coordinator's record; null when it has none any more
     * @param result null when it has not ended, or its result is older than the topic keeps
     */
    record RunFound(@Nullable Run run, @Nullable RunResult result) {}

    /**
     * Looks for a run among those that the coordinator remembers and among the results.
     *
     * @throws CliException if it is in neither
     */
    RunFound run(String runId) {
        AtomicReference<@Nullable Run> run = new AtomicReference<>();
        AtomicReference<@Nullable RunResult> result = new AtomicReference<>();
        try (BusReader reader = reader()) {
            reader.onlyKey(runId);
            reader.assign(Topic.RUNS, ReadFrom.BEGINNING);
            reader.assignPartition(
                    Topic.RUN_RESULTS,
                    Partitioner.partitionFor(runId, reader.partitionCount(Topic.RUN_RESULTS)),
                    ReadFrom.BEGINNING);
            toTheEnd(reader, record -> {
                Run newerRun = record.as(Topic.RUNS);
                RunResult newerResult = record.as(Topic.RUN_RESULTS);
                run.set(newerRun == null ? run.get() : newerRun);
                result.set(newerResult == null ? result.get() : newerResult);
            });
        }
        if (run.get() == null && result.get() == null) {
            throw unknownRun(runId);
        }
        return new RunFound(run.get(), result.get());
    }

    static CliException unknownRun(String runId) {
        return CliException.rejected("there is no run " + runId, "those that there are: flowlane list");
    }

    /**
     * When each host's last sign of life reached the broker; hosts that were silent for {@code within} are not in it.
     */
    Map<String, BusRecord<HostEvent>> lastHeartbeats(Duration within) {
        Map<String, BusRecord<HostEvent>> last = new HashMap<>();
        try (BusReader reader = reader()) {
            reader.assign(Topic.HOST_EVENTS, ReadFrom.since(Instant.now().minus(within)));
            toTheEnd(reader, record -> {
                HostEvent event = record.as(Topic.HOST_EVENTS);
                if (event != null) {
                    last.put(event.getHostId(), new BusRecord<>(
                            Topic.HOST_EVENTS, record.partition(), record.offset(), record.recordTime(), record.key(),
                                    event));
                }
            });
        }
        return last;
    }

    private BusReader reader() {
        return cluster.bus().reader("flowlane-cli", OnMalformed.COUNT);
    }

    /** Record by record: all of a topic at once is more than a program that prints a table should need. */
    private void toTheEnd(BusReader reader, Consumer<BusRecord<?>> taker) {
        long newsNs = System.nanoTime();
        while (!reader.caughtUp()) {
            List<BusRecord<?>> some = reader.pollNewest(POLL);
            some.forEach(taker);
            if (!some.isEmpty()) {
                newsNs = System.nanoTime();
            } else if (System.nanoTime() - newsNs > SILENCE.toNanos()) {
                throw CliException.preflight("Kafka at " + cluster.settings().bootstrapServers()
                        + " delivers nothing, though there is more to read",
                                "is the cluster well? see the broker's log");
            }
        }
    }
}
