package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HashSet;
import java.util.Set;

/** Several flows in one worker, bursts and receive timestamps, from the command line to the result. */
final class SharedWorkerIT {
    @RegisterExtension
    static final BackgroundFleet FLEET = new BackgroundFleet();

    @ParameterizedTest
    @CsvSource({"stream, epoll", "request-response, epoll", "stream, io-uring", "request-response, io-uring"})
    void flowsOfOneWorkerShareItsCpuAndHaveFiguresOfTheirOwn(String kind, String engine) {
        // Whoever shares a worker has three intervals of room for what reports, which yields to all this traffic.
        JsonNode run = FLEET.measure(
                "--traffic", kind, "--flows", "6", "--flows-per-worker", "3", "--engine", engine,
                "--exclusive", "none", "--duration", "3s", "--warmup", "1s", "--interval", "1s");

        assertThat(run.path("flows_measured").intValue()).isEqualTo(6);
        for (int worker = 0; worker < 2; worker++) {
            Set<Integer> cpus = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                JsonNode flow = run.path("flows").path(3 * worker + i);
                cpus.add(flow.path("source_application_cpu").intValue());
                assertThat(flow.path("sent_bytes").longValue())
                        .isPositive()
                        .isEqualTo(flow.path("received_bytes").longValue());
                assertThat(flow.path("intervals").intValue()).isEqualTo(6);
                assertThat(flow.path("smoothed_rtt_ns").longValue()).isPositive();
                if (kind.equals("request-response")) {
                    assertThat(flow.path("transactions").longValue()).isPositive();
                    assertThat(flow.path("round_trip_p99_ns").longValue()).isPositive();
                }
            }
            assertThat(cpus).hasSize(1);
        }
    }

    @Test
    void timestampsTellHowLongWhatWasReceivedLayInTheKernel() {
        JsonNode flow = FLEET.measure(
                        "--request-size", "64", "--timestamps", "receive", "--duration", "500ms", "--warmup", "100ms")
                .path("flows")
                .path(0);

        for (String end : new String[] {"source_receive_delay", "destination_receive_delay"}) {
            JsonNode delay = flow.path(end);
            assertThat(delay.path("samples").longValue()).isPositive();
            assertThat(delay.path("p50_ns").longValue()).isPositive();
            assertThat(delay.path("max_ns").longValue())
                    .isGreaterThanOrEqualTo(delay.path("p99_ns").longValue());
        }
        // What lay in the source's kernel is part of the round trip.
        assertThat(flow.path("source_receive_delay").path("mean_ns").doubleValue())
                .isLessThan(flow.path("round_trip_mean_ns").doubleValue());
    }

    @Test
    void burstsKeepTheRate() {
        JsonNode run = FLEET.measure(
                "--request-size", "1", "--rate", "2000/s", "--burst", "100", "--duration", "1s", "--warmup", "0");
        JsonNode flow = run.path("flows").path(0);

        assertThat(run.path("spec").path("burst").intValue()).isEqualTo(100);
        assertThat(flow.path("transactions").longValue()
                        + flow.path("messages_due_not_sent").longValue())
                .isEqualTo(2000);
        assertThat(flow.path("intended_round_trip_p99_ns").longValue()).isPositive();
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedByName() {
        assertThat(FLEET.run("run", "--flows-per-worker", "2", "--engine", "epoll").expect(2).err())
                .contains("io.flows-per-worker: flows of one worker share its application CPU, and exclusive strict");
        assertThat(FLEET.run("run", "--timestamps", "receive", "--engine", "io-uring").expect(2).err())
                .contains("io.timestamps: io-uring receives bring no timestamp in this version");
    }
}
