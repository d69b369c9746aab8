package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

import java.time.Instant;

final class RunSightTest {
    private final RunSight sight = new RunSight("r", RunListener.none());

    @Test
    void anAnswerIsFoundByItsCommand() {
        RunEvent answer = Samples.event("r", RunEventType.ANSWER, RunStateName.QUEUED, "");
        answer.setCommandId("c1");
        answer.setCode("ACCEPTED");
        accept(Topic.RUN_EVENTS, answer);

        assertThat(sight.answerTo("c1")).isEqualTo(answer);
        assertThat(sight.answerTo("c2")).isNull();
    }

    @Test
    void otherRunsHaveNoEffect() {
        accept(Topic.RUN_EVENTS, Samples.event("other", RunEventType.STATE, RunStateName.FAILED, ""));
        accept(Topic.RUNS, Samples.run("other", TrafficKind.STREAM, RunStateName.FAILED, 1));
        accept(Topic.RUN_RESULTS, Samples.result("other", TrafficKind.STREAM).build());

        assertThat(sight.state()).isEqualTo(RunStateName.UNKNOWN);
        assertThat(sight.result()).isNull();
    }

    @Test
    void theLastIntervalsOfBothEndsAreAwaited() {
        accept(Topic.RUNS, Samples.run("r", TrafficKind.STREAM, RunStateName.RUNNING, 1));
        accept(Topic.RUN_RESULTS, Samples.result("r", TrafficKind.STREAM, Samples.flow("r", 0).build()).build());
        assertThat(sight.isTerminal()).isTrue();

        // One second of warm-up and three measured ones: 0 to 3.
        accept(Topic.FLOW_STATS, Samples.interval("r", 0, FlowRole.SOURCE, 2, false));
        accept(Topic.FLOW_STATS, Samples.interval("r", 0, FlowRole.DESTINATION, 3, false));
        assertThat(sight.sawLastIntervals()).isFalse();
        accept(Topic.FLOW_STATS, Samples.interval("r", 0, FlowRole.SOURCE, 3, false));
        assertThat(sight.sawLastIntervals()).isTrue();
    }

    private <T extends SpecificRecord> void accept(Topic<T> topic, T value) {
        sight.accept(new BusRecord<>(topic, 0, 0, Instant.EPOCH, "r", value));
    }
}
