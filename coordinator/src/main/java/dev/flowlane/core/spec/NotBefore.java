package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** When a run may begin at the earliest, by the broker's clock. */
public sealed interface NotBefore {
    /** End of the times that are accepted. */
    Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

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

    /** What is wrong with it, or null: 1970 to 9999 in whole milliseconds, or a delay of up to a year. */
    default @Nullable Problem problem() {
        SpecKey key = SpecKeys.NOT_BEFORE;
        return switch (this) {
            case AtOnce() -> null;
            case At(Instant time) -> {
                boolean sound = !time.isBefore(Instant.EPOCH)
                        && time.isBefore(LATEST)
                        && time.equals(time.truncatedTo(ChronoUnit.MILLIS));
                yield sound
                        ? null
                        : new Problem(key.path(), Problem.quote(time.toString()) + " is not accepted: times are in"
                                + " whole milliseconds of the years 1970 to 9999", key.allowed(), "");
            }
            case Delay(Duration afterSubmission) ->
                afterSubmission.isNegative() || afterSubmission.compareTo(Duration.ofNanos(key.maximum())) > 0
                        ? new Problem(key.path(), Problem.quote("+" + afterSubmission) + " is out of range",
                                key.allowed(), "")
                        : null;
        };
    }
}
