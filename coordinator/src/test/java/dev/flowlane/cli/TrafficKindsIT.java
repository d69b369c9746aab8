package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.stream.StreamSupport;

/** Every kind of TCP traffic and every way to end it, from the command line to the result, in a local fleet. */
final class TrafficKindsIT {
    @RegisterExtension
    static final BackgroundFleet FLEET = new BackgroundFleet();

    private static JsonNode flow(String... arguments) {
        return FLEET.measure(arguments).path("flows").path(0);
    }

    @Test
    void aStreamEndsAfterItsBytesAndSaysSo() {
        JsonNode flow = flow("--bytes", "10MB", "--duration", "20s", "--warmup", "100ms", "--interval", "100ms");

        assertThat(flow.path("sent_bytes").longValue()).isEqualTo(10_000_000);
        assertThat(flow.path("received_bytes").longValue()).isEqualTo(10_000_000);
        assertThat(flow.path("window_end").textValue()).isEqualTo("BYTES");
        assertThat(flow.path("duration_ns").longValue()).isLessThan(20_000_000_000L);
        assertThat(flow.path("intervals_missing").intValue()).isZero();
    }

    @Test
    void requestsEndAfterTheirNumberAndSaySo() {
        JsonNode flow = flow("--request-size", "64", "--messages", "500", "--duration", "20s", "--warmup", "0");

        assertThat(flow.path("transactions").longValue()).isEqualTo(500);
        assertThat(flow.path("window_end").textValue()).isEqualTo("MESSAGES");
    }

    @Test
    void aReverseStreamFlowsFromDestinationToSource() {
        JsonNode flow = flow("--reverse", "--duration", "300ms", "--warmup", "100ms");

        assertThat(flow.path("source_host_id").textValue()).isEqualTo("host-a");
        assertThat(flow.path("sent_bytes").longValue())
                .isPositive()
                .isEqualTo(flow.path("received_bytes").longValue());
        assertThat(flow.path("window_end").textValue()).isEqualTo("DURATION");
    }

    @Test
    void reverseRequestsAreTimedByTheDestination() {
        JsonNode flow = flow("--reverse", "--request-size", "8", "--duration", "300ms", "--warmup", "0");

        assertThat(flow.path("transactions").longValue()).isPositive();
        assertThat(flow.path("round_trip_p50_ns").longValue()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocking", "io-uring"})
    void bothDirectionsOfABidirectionalFlowAreInItsResult(String engine) {
        JsonNode flow = flow(
                "--traffic", "bidirectional", "--engine", engine, "--duration", "500ms", "--warmup", "100ms");

        assertThat(flow.path("sent_bytes").longValue())
                .isPositive()
                .isEqualTo(flow.path("received_bytes").longValue());
        assertThat(flow.path("backward_sent_bytes").longValue())
                .isPositive()
                .isEqualTo(flow.path("backward_received_bytes").longValue());
        assertThat(flow.path("throughput_bits_per_second").doubleValue()).isPositive();
        assertThat(flow.path("backward_throughput_bits_per_second").doubleValue()).isPositive();
        assertThat(flow.path("backward_window_end").textValue()).isEqualTo("DURATION");
    }

    @ParameterizedTest
    @CsvSource({"blocking, false", "busy-poll, true", "io-uring, false"})
    void connectionsAreCountedWithTheCpusThatReceivedThem(String engine, String resetClose) {
        JsonNode flow = flow(
                "--traffic", "connect-request-response", "--engine", engine, "--reset-close", resetClose,
                "--request-size", "64", "--response-size", "1KiB", "--duration", "500ms", "--warmup", "100ms");

        long connections = flow.path("transactions").longValue();
        assertThat(connections).isPositive();
        assertThat(flow.path("failed_connections").longValue()).isZero();
        assertThat(flow.path("sent_bytes").longValue()).isEqualTo(connections * 64);
        assertThat(flow.path("round_trip_p99_ns").longValue()).isPositive();
        for (String end : new String[] {"source_connections", "destination_connections"}) {
            assertThat(StreamSupport.stream(flow.path(end).spliterator(), false)
                            .mapToLong(cpu -> cpu.path("connections").longValue())
                            .sum())
                    .isEqualTo(connections);
        }
        // Nothing is told of the idle connection that was placed.
        assertThat(flow.path("smoothed_rtt_ns").isNull()).isTrue();
    }

    @Test
    void theTableNamesDirectionsConnectionsAndEnds() {
        String table = FLEET.run("run", "--traffic", "bidirectional", "--bytes", "1MB", "--duration", "20s", "--warmup",
                        "0")
                .expect(0)
                .out();

        assertThat(table)
                .contains("bidirectional, at most 1.00 MB")
                .contains("forward host-a → host-b")
                .contains("backward host-b → host-a")
                .contains("bytes, backward by bytes");
    }

    /** More connections than ports: those that find one are used again and again. */
    @Test
    void connectionsComeFromThePortsThatAreNamed() {
        JsonNode flow = flow(
                "--traffic", "connect-request-response", "--connection-ports", "21000-21009", "--duration", "300ms",
                "--warmup", "0");

        assertThat(flow.path("transactions").longValue()).isGreaterThan(10);
        assertThat(flow.path("portless_connections").longValue())
                .isEqualTo(flow.path("failed_connections").longValue());
    }

    @Test
    void whatARingWasUsedForIsInTheResult() {
        JsonNode flow = flow(
                "--engine", "io-uring", "--zerocopy-send", "true", "--multishot-receive", "true", "--duration", "300ms",
                "--warmup", "0");

        assertThat(flow.path("received_bytes").longValue()).isPositive();
        assertThat(flow.path("zerocopy_completions").longValue()).isPositive();
        assertThat(StreamSupport.stream(flow.path("destination_socket_options").spliterator(), false)
                        .filter(option -> option.path("effective").asText().equals("true"))
                        .map(option -> option.path("name").textValue()))
                .contains("IORING_OP_SEND_ZC", "IORING_RECV_MULTISHOT", "IORING_REGISTER_BUFFERS");
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedByName() {
        assertThat(FLEET.run("run", "--traffic", "connect-request-response", "--engine", "io-uring",
                                "--multishot-receive", "true")
                        .expect(2)
                        .err())
                .contains("io.multishot-receive: connections of one request do not live long enough for it");
    }
}
