package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** What comes of a spec's text. */
public sealed interface SpecResult {
    /**
     * A spec without a fault.
     *
     * @param runId the id it asks for; null when it leaves the choice to the caller
     */
    record Parsed(@Nullable String runId, RunSpec spec) implements SpecResult {}

    /** Everything that is wrong with it, at least one problem, in the order of the text. */
    record Invalid(List<Problem> problems) implements SpecResult {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }
}
