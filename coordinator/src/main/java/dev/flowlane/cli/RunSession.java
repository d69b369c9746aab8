package dev.flowlane.cli;

import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunCommandType;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.Partitioner;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.request.RunRequests;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** The topics as one command sees them for one run: it sends commands, waits for their answers and follows the run. */
final class RunSession implements AutoCloseable {
    private static final List<Topic<?>> SIGHTINGS =
            List.of(Topic.LATENCY, Topic.TCP_STATS, Topic.CPU_PLACEMENT, Topic.CPU_USE);

    private static final Duration POLL = Duration.ofMillis(100);

    private final Cluster cluster;
    private final Bus bus;
    private final String runId;
    private final RunSight sight;
    private final RunListener listener;
    private final BusReader reader;
    private final RunRequests requests;
    private @Nullable BusWriter writer;

    private RunSession(Cluster cluster, String runId, RunListener listener, BusReader reader) {
        this.cluster = cluster;
        this.bus = cluster.bus();
        this.runId = runId;
        this.listener = listener;
        this.sight = new RunSight(runId, listener);
        this.reader = reader;
        this.requests = new RunRequests(this::writer, runId, this::awaitAnswer);
    }

    /** From now on: nothing that a command sent through it causes is missed. */
    static RunSession fromNowOn(Cluster cluster, String runId, RunListener listener) {
        return open(cluster, runId, listener, ReadFrom.END);
    }

    /** With everything that is already known of the run; its intervals from now on. */
    static RunSession withHistory(Cluster cluster, String runId, RunListener listener) {
        return open(cluster, runId, listener, ReadFrom.BEGINNING);
    }

    private static RunSession open(Cluster cluster, String runId, RunListener listener, ReadFrom from) {
        BusReader reader = cluster.bus().reader("flowlane-cli", OnMalformed.COUNT);
        try {
            reader.assignPartition(Topic.RUN_EVENTS, partition(reader, Topic.RUN_EVENTS, runId), ReadFrom.END);
            reader.assign(Topic.RUNS, from);
            reader.assignPartition(Topic.RUN_RESULTS, partition(reader, Topic.RUN_RESULTS, runId), from);
            reader.assign(Topic.FLOW_STATS, ReadFrom.END);
            if (listener.wantsSightings()) {
                SIGHTINGS.forEach(topic -> reader.assign(topic, ReadFrom.END));
            }
            return new RunSession(cluster, runId, listener, reader);
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    private static int partition(BusReader reader, Topic<?> topic, String key) {
        return Partitioner.partitionFor(key, reader.partitionCount(topic));
    }

    RunSight sight() {
        return sight;
    }

    String runId() {
        return runId;
    }

    /** Reads what has come, or waits for it a little. */
    void poll() {
        reader.poll(POLL).forEach(sight::accept);
    }

    /** Reads to where the topics ended when the session was opened. */
    void catchUp(Duration within) {
        long deadlineNs = System.nanoTime() + within.toNanos();
        do {
            poll();
        } while (!reader.caughtUp() && System.nanoTime() - deadlineNs < 0);
    }

    /**
     * Asks the coordinator for the run.
     *
     * @param answerWithin how long to wait for its answer; a coordinator that reads the command later will not run it
     * @return its answer, whatever it is
     * @throws CliException if no coordinator answers
     */
    RunEvent submit(RunSpec spec, String requestedBy, Duration answerWithin) {
        try {
            RunEvent answer = requests.submit(spec, requestedBy, answerWithin);
            if (answer == null) {
                throw unanswered(RunCommandType.SUBMIT, answerWithin);
            }
            return answer;
        } catch (ExecutionException e) {
            throw Failures.translate(e);
        }
    }

    /**
     * Asks the coordinator to end the run.
     *
     * @throws CliException if no coordinator answers
     */
    RunEvent cancel(String reason, String requestedBy, Duration answerWithin) {
        try {
            RunEvent answer = requests.cancel(reason, requestedBy, answerWithin);
            if (answer == null) {
                throw unanswered(RunCommandType.CANCEL, answerWithin);
            }
            return answer;
        } catch (ExecutionException e) {
            throw Failures.translate(e);
        }
    }

    /** Asks the coordinator to end the run and does not wait: {@link #poll} shows what comes of it. */
    void requestCancel(String reason, String requestedBy) {
        try {
            requests.requestCancel(reason, requestedBy);
        } catch (ExecutionException e) {
            throw Failures.translate(e);
        }
    }

    private BusWriter writer() {
        BusWriter opened = writer == null ? bus.writer("flowlane-cli") : writer;
        writer = opened;
        return opened;
    }

    private @Nullable RunEvent awaitAnswer(String commandId, Duration within) {
        long deadlineNs = System.nanoTime() + within.toNanos();
        while (true) {
            RunEvent answer = sight.answerTo(commandId);
            if (answer != null || System.nanoTime() - deadlineNs > 0) {
                return answer;
            }
            cluster.check();
            poll();
        }
    }

    private CliException unanswered(RunCommandType command, Duration within) {
        return CliException.preflight(
                "no coordinator answered within " + within.toSeconds() + " s at "
                        + cluster.settings().bootstrapServers(),
                "start one with: " + cluster.coordinatorCommand(),
                command == RunCommandType.SUBMIT
                        ? "the run was not started; a coordinator that comes later will not start it either"
                        : "the run was not cancelled by this command");
    }

    /** The spec that the coordinator has of the run; null when its record was not read. */
    @Nullable RunSpec spec() {
        Run run = sight.run();
        return run == null ? null : run.getSpec();
    }

    /** The listener sees nothing more. */
    void endProgress() {
        listener.close();
    }

    @Override
    public void close() {
        listener.close();
        reader.close();
        if (writer != null) {
            writer.close();
        }
    }
}
