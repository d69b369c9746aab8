package dev.flowlane.core.spec;

import java.time.Duration;
import java.time.Instant;

/** When a run may begin at the earliest, by the broker's clock. */
public sealed interface NotBefore {
    /** As soon as it can. */
    record AtOnce() implements NotBefore {}

    /** Not before a time, in whole milliseconds. */
    record At(Instant time) implements NotBefore {}

    /** Some time after the submission. */
    record Delay(Duration afterSubmission) implements NotBefore {}

    /** Earliest begin of a run that was submitted then. */
    default Instant due(Instant submittedAt) {
        return switch (this) {
            case AtOnce() -> submittedAt;
            case At(Instant time) -> time.isAfter(submittedAt) ? time : submittedAt;
            case Delay(Duration afterSubmission) -> submittedAt.plus(afterSubmission);
        };
    }
}
