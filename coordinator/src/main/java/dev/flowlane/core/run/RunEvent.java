package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * Something a user of the run wants to know.
 *
 * @param commandId command that is answered
 * @param code of an answer
 * @param state after the event; null when there is no such run
 * @param drift of a LANE_DRIFT that an interval has shown just now; else null
 * @param message for a person, with the mend
 */
public record RunEvent(
        String runId,
        Instant at,
        Type type,
        @Nullable String commandId,
        @Nullable AnswerCode code,
        @Nullable StateName state,
        @Nullable String hostId,
        @Nullable String flowId,
        @Nullable LaneDrift drift,
        String message) {

    /** What happened. */
    public enum Type {
        ANSWER,
        STATE,
        LANE_DRIFT,
        HOST_LOST,
        WARNING
    }

    /** What became of a command. */
    public enum AnswerCode {
        ACCEPTED,
        UNCHANGED,
        CONFLICT,
        REJECTED,
        EXPIRED,
        NOT_FOUND,
        CANCELLING
    }
}
