package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

final class FailuresTest {
    static Stream<Arguments> failures() {
        TopicAuthorizationException denied = new TopicAuthorizationException(Set.of("flowlane.commands"));
        return Stream.of(
                Arguments.of(4, "flowlane.commands", denied),
                Arguments.of(4, "access rights", new ExecutionException(denied)),
                Arguments.of(4, "does not allow this", new CompletionException(new KafkaException("sending", denied))),
                Arguments.of(4, "does not allow this", GroupAuthorizationException.forGroupId("flowlane-coordinator")),
                Arguments.of(4, "does not let us in", new SaslAuthenticationException("wrong password")),
                Arguments.of(4, "does not let us in", new SslAuthenticationException("unknown certificate")),
                Arguments.of(3, "flowlane topics create", new UnknownTopicOrPartitionException("no such topic")),
                Arguments.of(3, "does not answer", new TimeoutException("no answer for 15 s")),
                Arguments.of(3, "Kafka: ", new KafkaException("something else")),
                Arguments.of(5, "conflict", CliException.rejected("conflict")),
                Arguments.of(1, "internal error", new IllegalStateException("a fault")));
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("failures")
    void everyFailureHasItsExitCodeAndItsMend(int exitCode, String says, Throwable failure) {
        CliException told = Failures.translate(failure);

        assertThat(told.exitCode()).isEqualTo(exitCode);
        assertThat(told.getMessage() + told.mend()).contains(says);
    }
}
