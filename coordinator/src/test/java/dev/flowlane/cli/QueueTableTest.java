package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.TrafficKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;

class QueueTableTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void theLineIsShownInTheOrderInWhichItIsServedWithWhoIsInTheWayAndWhy() {
        Run running = queued("r1", 0, 0).setState(RunStateName.RUNNING).build();
        Run low = queued("low", 1, -5).setWaitingFor(List.of("first", "high")).setReasons(List.of("in line")).build();
        Run first = queued("first", 2, 0).setWaitingFor(List.of("high")).setReasons(List.of("in line")).build();
        Run high = queued("high", 3, 9).setWaitingFor(List.of("r1")).setReasons(List.of("CPU 1 is r1's")).build();
        Instant due = NOON.plusSeconds(3_600);
        Run later = queued("later", 0, 100, due).setNotBeforeTime(due).setReasons(List.of("not before " + due)).build();

        assertThat(QueueTable.of(List.of(running, low, later, first, high))).isEqualTo("""
                PLACE  WAITING  PRIORITY  NOT BEFORE            BEHIND                           WHY
                    1  high            9                        r1                               CPU 1 is r1's
                    2  first           0                        high (place 1)                   in line
                    3  low            -5                        first (place 2), high (place 1)  in line
                    -  later         100  2026-03-01T13:00:00Z                                   \
                not before 2026-03-01T13:00:00Z
                """);
    }

    @Test
    void nobodyWaits() {
        assertThat(QueueTable.of(List.of(queued("r1", 0, 0).setState(RunStateName.RUNNING).build()))).isEmpty();
    }

    private static Run.Builder queued(String runId, int second, int priority) {
        return queued(runId, second, priority, null);
    }

    private static Run.Builder queued(
            String runId, int second, int priority, @Nullable Instant notBefore) {
        RunSpec spec = Samples.spec(TrafficKind.STREAM);
        spec.setPriority(priority);
        spec.setNotBeforeTime(notBefore);
        return Run.newBuilder()
                .setRunId(runId)
                .setState(RunStateName.QUEUED)
                .setCoordinatorEpoch(1)
                .setSpec(spec)
                .setSubmittedTime(NOON.plusSeconds(second))
                .setStateTime(NOON.plusSeconds(second));
    }
}
