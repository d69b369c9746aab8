package dev.flowlane.coordinator;

import dev.flowlane.core.run.StateName;

import java.time.Duration;

/**
 * Something that a turn of the loop did and that is counted once the turn is written. A turn that cannot be written is
 * decided again from the topics, and counted then; what is read back at a start is not counted at all.
 */
sealed interface Counted {
    /** A user's command was answered. */
    record CommandAnswered(String type, String outcome) implements Counted {}

    /** A run has reached a terminal state. */
    record RunEnded(StateName state) implements Counted {}

    /** The source end of a candidate connection was reported. */
    record CandidateReported(boolean opened) implements Counted {}

    /** A search has ended in a choice. */
    record Placed(Duration took) implements Counted {}
}
