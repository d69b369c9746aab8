package dev.flowlane.core.check;

import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.Input;
import dev.flowlane.core.run.RunEvent;
import dev.flowlane.core.run.RunRecord;
import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * One record of a topic. Facts of one partition are fed in their order; how those of different partitions interleave
 * does not matter.
 */
public sealed interface Fact {
    /** Where the record is. */
    Position at();

    /** A state of a run was written. */
    record RunWritten(Position at, RunRecord run) implements Fact {}

    /** A run was deleted from the compacted topic. */
    record RunForgotten(Position at, String runId) implements Fact {}

    /** A coordinator has taken this epoch. */
    record EpochTaken(Position at, long epoch) implements Fact {}

    /** A daemon announced itself. */
    record HostAnnounced(Position at, HostAnnouncement announcement) implements Fact {}

    /**
     * A user asked for something.
     *
     * @param brokerTime append time
     */
    record Asked(Position at, Instant brokerTime, String commandId, String runId) implements Fact {}

    /**
     * The coordinator told a daemon to do something.
     *
     * @param brokerTime append time
     * @param type EXPECT, CONNECT, ASSIGN, START, STOP or RELEASE
     */
    record Ordered(
            Position at, Instant brokerTime, String hostId, String runId, int attempt, long epoch, String type)
            implements Fact {}

    /**
     * A daemon said something.
     *
     * @param brokerTime append time
     * @param epoch the highest that the daemon had heard of
     */
    record Heard(Position at, Instant brokerTime, long epoch, Input.HostWord word) implements Fact {}

    /** Users were told something; {@code commandId} and {@code code} are those of an answer. */
    record Told(
            Position at,
            Instant time,
            String runId,
            RunEvent.Type type,
            @Nullable String commandId,
            RunEvent.@Nullable AnswerCode code)
            implements Fact {}

    /** A run's result was written. */
    record ResultWritten(Position at, RunFigures figures) implements Fact {}

    /** The result of one flow of one trial was written. */
    record FlowResultWritten(Position at, String runId, FlowFigures figures) implements Fact {}

    /**
     * Bytes of an interval of a flow end.
     *
     * @param lengthNs by the monotonic clock of the flow end's host
     * @param contentHash of the whole record: copies of one record have one
     */
    record IntervalPublished(
            Position at,
            String runId,
            String flowId,
            FlowRole role,
            String hostId,
            int seq,
            boolean warmup,
            long lengthNs,
            long sentBytes,
            long receivedBytes,
            long contentHash)
            implements Fact {}

    /** Lane of an interval of a flow end. */
    record LanePublished(
            Position at,
            String runId,
            String flowId,
            FlowRole role,
            String hostId,
            int seq,
            boolean warmup,
            boolean drifted,
            int workerPid,
            int threadId,
            long contentHash)
            implements Fact {}

    /** A record that cannot be decoded. */
    record Unreadable(Position at, Instant time, String why) implements Fact {}

    /**
     * A record that decodes, but says something that no version means, or this one does not know: nothing can be
     * judged by it.
     */
    record NotUnderstood(Position at, String why) implements Fact {}

    /**
     * A dead letter.
     *
     * @param origin where the record was read
     * @param contentHash of its key and value
     */
    record DeadLettered(Position at, Position origin, long contentHash) implements Fact {}
}
