package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.stream.StreamSupport;

/** Traffic over UDP, the whole line: from the command line to the workers and back to its table. */
final class DatagramFleetIT {
    @RegisterExtension
    static final BackgroundFleet FLEET = new BackgroundFleet();

    private static long messages(JsonNode of, String name) {
        return of.path("datagrams").path(name).longValue();
    }

    private static void assertCompleted(JsonNode run) {
        assertThat(run.path("state").textValue()).as("%s", run.path("reasons")).isEqualTo("COMPLETED");
        assertThat(messages(run, "sent_messages")).isPositive();
        assertThat(messages(run, "received_messages") + messages(run, "lost_messages"))
                .isEqualTo(messages(run, "sent_messages"));
        assertThat(messages(run, "duplicate_messages")).isZero();
        assertThat(run.path("datagrams").path("loss_ratio").doubleValue())
                .isEqualTo((double) messages(run, "lost_messages") / messages(run, "sent_messages"));
    }

    @ParameterizedTest
    @CsvSource({"--ipv4, blocking", "--ipv6, epoll", "--ipv4, busy-poll", "--ipv6, io-uring"})
    void aStreamIsAccountedForToTheMessage(String version, String engine) {
        JsonNode run = FLEET.measure(version, "--traffic", "datagram-stream", "--message-size", "1000", "--rate",
                "5k/s", "--engine", engine, "--duration", "1s", "--warmup", "400ms", "--interval", "200ms");

        assertCompleted(run);
        JsonNode flow = run.path("flows").path(0);
        assertThat(flow.path("datagrams")).isEqualTo(run.path("datagrams"));
        assertThat(flow.path("sent_bytes").longValue()).isEqualTo(messages(run, "sent_messages") * 1000);
        assertThat(flow.path("received_bytes").longValue()).isEqualTo(messages(run, "received_messages") * 1000);
        assertThat(messages(flow, "sent_messages")).isBetween(2_000L, 5_001L);
        assertThat(flow.path("datagrams").path("jitter_ns").isIntegralNumber()).isTrue();
        assertThat(flow.path("source_address").textValue().contains(":")).isEqualTo(version.equals("--ipv6"));
        assertThat(flow.path("retransmitted_segments").isNull()).isTrue();
        assertThat(flow.path("source_receive_cpu").intValue()).isNotNegative();
        assertThat(flow.path("destination_receive_cpu").intValue()).isNotNegative();
    }

    @ParameterizedTest
    @CsvSource({"--ipv4, 1", "--ipv6, 16"})
    void requestsAreTimedOverUdp(String version, String outstanding) {
        JsonNode run = FLEET.measure(version, "--traffic", "datagram-request-response", "--request-size", "64",
                "--response-size", "1kB", "--outstanding", outstanding, "--request-timeout", "500ms",
                "--duration", "600ms", "--warmup", "200ms", "--interval", "200ms");

        assertCompleted(run);
        JsonNode flow = run.path("flows").path(0);
        assertThat(flow.path("transactions").longValue()).isPositive();
        assertThat(flow.path("round_trip_p50_ns").longValue()).isPositive();
        assertThat(flow.path("transactions").longValue() + messages(flow, "timed_out_requests"))
                .isEqualTo(flow.path("sent_bytes").longValue() / 64);
    }

    @Test
    void intervalsCarryTheFiguresTheyAddUpToAndTheTableShowsThem() {
        FlowlaneProcess.Outcome table =
                FLEET.run("run", "--traffic", "datagram-stream", "--duration", "100ms", "--warmup", "0").expect(0);
        assertThat(table.out()).contains("datagram-stream of 1.40 kB", "DATAGRAMS", "LOST", "JITTER");

        List<JsonNode> lines = FLEET.run("run", "--traffic", "datagram-stream", "--duration", "600ms", "--warmup", "0",
                        "--interval", "200ms", "-o", "jsonl")
                .expect(0)
                .jsonLines();
        JsonNode result = lines.getLast();
        assertCompleted(result);
        for (String name : List.of("sent_messages", "received_messages", "lost_messages")) {
            assertThat(lines.stream()
                            .filter(line -> line.has("seq"))
                            .mapToLong(line -> messages(line, name))
                            .sum())
                    .as(name)
                    .isEqualTo(messages(result, name));
        }
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnythingStarts() {
        assertThat(FLEET.run("run", "--traffic", "datagram-stream", "--message-size", "23").expect(2).err())
                .contains("traffic.message-size", "24");
        assertThat(FLEET.run("run", "--traffic", "datagram-stream", "--mss", "1448").expect(2).err())
                .contains("socket.mss", "goes over UDP");
    }

    @Test
    void socketOptionsOfBothEndsAreReadBack() {
        JsonNode run = FLEET.measure("--traffic", "datagram-stream", "--rate", "1k/s", "--segmentation-offload", "true",
                "--receive-buffer", "100kB", "--dscp", "af11", "--duration", "100ms", "--warmup", "0");
        JsonNode flow = run.path("flows").path(0);
        assertThat(effective(flow.path("source_socket_options"), "UDP_SEGMENT")).isEqualTo("1400");
        assertThat(effective(flow.path("destination_socket_options"), "UDP_GRO")).isEqualTo("true");
        assertThat(effective(flow.path("destination_socket_options"), "SO_RCVBUF")).isEqualTo("200000");
        assertThat(effective(flow.path("source_socket_options"), "DSCP")).isEqualTo("10");
    }

    private static String effective(JsonNode options, String name) {
        return StreamSupport.stream(options.spliterator(), false)
                .filter(option -> option.path("name").textValue().equals(name))
                .findFirst()
                .orElseThrow()
                .path("effective")
                .textValue();
    }
}
