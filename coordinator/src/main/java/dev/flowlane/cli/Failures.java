package dev.flowlane.cli;

import dev.flowlane.bus.BusException;
import dev.flowlane.localfleet.FleetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Turns whatever a command met into the one message and the exit code that its user gets. */
final class Failures {
    private Failures() {}

    static CliException translate(Throwable failure) {
        return switch (failure) {
            case CliException told -> told;
            case FleetException fleet -> CliException.of(
                    ExitCode.PREFLIGHT, message(fleet), fleet, fleet.mend().toArray(String[]::new));
            case ExecutionException wrapped when wrapped.getCause() != null -> translate(wrapped.getCause());
            case CompletionException wrapped when wrapped.getCause() != null -> translate(wrapped.getCause());
            case BusException bus -> bus(bus);
            case KafkaException kafka -> kafka(kafka, message(kafka));
            default -> CliException.of(ExitCode.RUN_FAILED, "internal error: " + failure, failure,
                    "this is a fault of flowlane; with -v it shows where");
        };
    }

    private static CliException bus(BusException bus) {
        return bus.getCause() instanceof KafkaException kafka
                ? kafka(kafka, message(bus))
                : CliException.of(ExitCode.PREFLIGHT, message(bus), bus);
    }

    private static CliException kafka(KafkaException kafka, String message) {
        return switch (root(kafka)) {
            case AuthorizationException _ -> CliException.of(
                    ExitCode.NOT_ALLOWED, "Kafka does not allow this: " + message, kafka,
                    "ask for the access rights of this principal; the topics are listed by: flowlane topics verify");
            case AuthenticationException _ -> CliException.of(
                    ExitCode.NOT_ALLOWED, "Kafka does not let us in: " + message, kafka,
                    "check security.protocol and sasl.* or ssl.* (--kafka KEY=VALUE or FLOWLANE_KAFKA_...)");
            case UnknownTopicOrPartitionException _ -> CliException.of(ExitCode.PREFLIGHT, message, kafka,
                    "create the topics: flowlane topics create");
            case TimeoutException _ -> CliException.of(ExitCode.PREFLIGHT, "Kafka does not answer: " + message, kafka,
                    "is this a Kafka broker, and do its advertised listeners lead back to it?",
                    "with TLS or SASL: check --kafka security.protocol=...");
            case Throwable _ -> CliException.of(ExitCode.PREFLIGHT, "Kafka: " + message, kafka);
        };
    }

    /** The Kafka exception that says why; some only wrap it. */
    private static Throwable root(KafkaException kafka) {
        Throwable current = kafka;
        while (current.getClass() == KafkaException.class && current.getCause() != null) {
            current = current.getCause();
        }
        return current;
    }

    private static String message(Throwable failure) {
        @Nullable String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
