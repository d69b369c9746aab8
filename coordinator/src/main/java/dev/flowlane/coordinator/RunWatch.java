package dev.flowlane.coordinator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.Partitioner;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.AvroJson;
import dev.flowlane.coordinator.wire.SightingAvro;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.page.RunFigures;
import dev.flowlane.page.RunView;
import dev.flowlane.page.Sighting;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Reads the figures of one run from the result topics, from its begin to its end, while somebody looks at it: on a
 * thread and with a consumer of its own, so that neither the loop nor the HTTP server ever waits for it.
 */
final class RunWatch {
    private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);
    private static final Duration POLL = Duration.ofMillis(200);

    /** The result is written when the ends have told of themselves; their last intervals may still be on their way. */
    private static final long QUIET_AFTER_END_NS = 5_000_000_000L;

    private static final List<Topic<?>> INTERVALS =
            List.of(Topic.FLOW_STATS, Topic.LATENCY, Topic.TCP_STATS, Topic.CPU_PLACEMENT, Topic.CPU_USE);

    private final Bus bus;
    private final String runId;
    private final Instant since;
    private final LongSupplier nanoTime;
    private final RunFigures figures;
    private @Nullable ObjectNode result;
    private String problem = "";
    private boolean complete;
    private boolean ended;
    private volatile boolean stopping;

    /**
     * A watch that is not started.
     *
     * @param since before the first record of the run, by the clocks of its hosts
     */
    RunWatch(Bus bus, RunRecord run, Instant since, LongSupplier nanoTime) {
        this.bus = bus;
        this.runId = run.runId();
        this.since = since;
        this.nanoTime = nanoTime;
        this.figures = new RunFigures(run.spec());
    }

    void start() {
        Thread.ofPlatform().daemon().name("page-run").start(this::read);
    }

    /** Asks the thread to end; from any thread. */
    void stop() {
        stopping = true;
    }

    /** Whether its thread has ended. */
    synchronized boolean ended() {
        return ended;
    }

    /** Whether everything there is of the run was read. */
    synchronized boolean complete() {
        return complete;
    }

    /**
     * The run as it is seen now.
     *
     * @param fromSeq first interval that the reader lacks
     */
    synchronized View view(RunRecord run, int fromSeq, int flowPage) {
        return new View(RunView.of(run, figures, result, problem, fromSeq, flowPage), figures.stableBelow());
    }

    /** A view, and the interval from which on the next one has to begin. */
    record View(ObjectNode json, int stableBelow) {}

    private void read() {
        try (BusReader reader = bus.reader("flowlane-page-run", OnMalformed.COUNT)) {
            // A run's id is the key of its own records and the beginning of its flows' ids.
            reader.onlyKeys(key -> key.startsWith(runId));
            ReadFrom from = ReadFrom.since(since);
            assignOfRun(reader, Topic.RUN_RESULTS, from);
            assignOfRun(reader, Topic.RUN_EVENTS, from);
            INTERVALS.forEach(topic -> reader.assign(topic, from));
            long newsNs = nanoTime.getAsLong();
            while (!stopping && !isOver(reader, newsNs)) {
                List<BusRecord<?>> records = reader.poll(POLL);
                if (add(records)) {
                    newsNs = nanoTime.getAsLong();
                }
            }
            end(!stopping, "");
        } catch (BusException | KafkaException e) {
            LOG.atWarn().addKeyValue("run", runId).addKeyValue("why", e.getMessage()).log("no figures for the page");
            end(false, "figures could not be read: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("run", runId).setCause(e).log("no figures for the page");
            end(false, "figures could not be read; the coordinator's log has more");
        }
    }

    private void assignOfRun(BusReader reader, Topic<?> topic, ReadFrom from) {
        reader.assignPartition(topic, Partitioner.partitionFor(runId, reader.partitionCount(topic)), from);
    }

    private synchronized boolean isOver(BusReader reader, long newsNs) {
        return result != null && reader.caughtUp() && nanoTime.getAsLong() - newsNs > QUIET_AFTER_END_NS;
    }

    private synchronized boolean add(List<BusRecord<?>> records) {
        boolean news = false;
        for (BusRecord<?> record : records) {
            SpecificRecord value = record.value();
            if (value instanceof RunResult ofRun && ofRun.getRunId().equals(runId)) {
                result = json(ofRun);
                news = true;
            } else if (value != null) {
                Sighting sighting = SightingAvro.fromAvro(value);
                if (sighting != null && sighting.runId().equals(runId)) {
                    figures.add(sighting);
                    news = true;
                }
            }
        }
        return news;
    }

    /** The result without what no page shows: histograms, environments, and the flows, which are bounded by pages. */
    private static ObjectNode json(RunResult result) {
        ObjectNode json = AvroJson.of(result);
        json.remove(List.of("round_trip_histogram", "intended_round_trip_histogram", "environments", "flows", "spec",
                "trials"));
        return json;
    }

    private synchronized void end(boolean all, String why) {
        complete = all;
        problem = why;
        ended = true;
    }
}
