package dev.flowlane.core.check;

import org.jspecify.annotations.Nullable;

/**
 * A contradiction between the topics and an invariant.
 *
 * @param runId run that it is about; null when it is about none
 * @param flowEnd flow, or flow and role, that it is about; null when it is about none
 * @param at record that shows it
 * @param message what is there and what should be, for a person
 */
public record Finding(
        Invariant invariant, @Nullable String runId, @Nullable String flowEnd, Position at, String message) {
    @Override
    public String toString() {
        return invariant.number() + ": " + (runId == null ? "" : "run " + runId + ": ")
                + (flowEnd == null ? "" : flowEnd + ": ") + message + " (" + at + ")";
    }
}
