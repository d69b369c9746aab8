package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.EndReport;
import org.jspecify.annotations.Nullable;

/**
 * One flow end that the coordinator assigned to this host.
 *
 * @param steering of its connection
 * @param phase where it is in its life
 */
record FlowEnd(Order.Assignment assignment, Steering steering, Phase phase) {

    sealed interface Phase {}

    /** No warm worker was there. */
    record Waiting() implements Phase {}

    /** The worker pins itself and settles. */
    record Preparing(int workerId) implements Phase {}

    record Ready(int workerId, ReadyEnd lane) implements Phase {}

    record Running(int workerId, ReadyEnd lane) implements Phase {}

    /** The worker was told to stop. */
    record Stopping(int workerId, String reason, boolean started) implements Phase {}

    /** The worker was killed; its end is not known yet. */
    record Killed(int workerId, EndOutcome outcome, String message) implements Phase {}

    /** The worker's part is over, its intervals are not all in Kafka yet. */
    record Settling(EndOutcome outcome, @Nullable String message, @Nullable EndReport report) implements Phase {}

    record Ended(EndedFlow flow) implements Phase {}

    FlowEndId id() {
        return assignment.end();
    }

    FlowEnd in(Phase next) {
        return new FlowEnd(assignment, steering, next);
    }

    boolean isOver() {
        return phase instanceof Ended;
    }

    /** Whether its worker may still be doing something; -1 when there is none. */
    int workerId() {
        return switch (phase) {
            case Waiting _, Settling _, Ended _ -> -1;
            case Preparing(int workerId) -> workerId;
            case Ready(int workerId, ReadyEnd _) -> workerId;
            case Running(int workerId, ReadyEnd _) -> workerId;
            case Stopping(int workerId, String _, boolean _) -> workerId;
            case Killed(int workerId, EndOutcome _, String _) -> workerId;
        };
    }
}
