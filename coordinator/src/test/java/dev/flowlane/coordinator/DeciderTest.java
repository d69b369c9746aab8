package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.run.History;
import dev.flowlane.core.run.Input;
import dev.flowlane.core.run.OpaqueBytes;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.StateName;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What is counted: what was decided here, and nothing that was only read back. */
final class DeciderTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private final Decider decider = new Decider();

    @Test
    void whatAStartReadsBackIsNotCounted() {
        Batch batch = new Batch();

        decider.start(started(run("done", StateName.COMPLETED), run("failed", StateName.FAILED)), NOON, batch);

        assertThat(decider.fleet().runs()).containsOnlyKeys("done", "failed");
        assertThat(batch.counted()).isEmpty();
    }

    @Test
    void aRunThatEndsHereIsCountedOnce() {
        Batch start = new Batch();
        Batch cancel = new Batch();

        // Nobody knows its hosts any more.
        decider.start(started(run("waiting", StateName.QUEUED)), NOON, start);
        decider.command(new Input.CancelRun("c-1", "waiting", "me", null, null), NOON, cancel);

        assertThat(start.counted()).singleElement().isInstanceOf(Counted.RunEnded.class);
        assertThat(cancel.counted()).containsExactly(new Counted.CommandAnswered("cancel", "unchanged"));
    }

    private static Input.CoordinatorStarted started(RunRecord... runs) {
        return new Input.CoordinatorStarted(2, OpaqueBytes.of(new byte[32]), List.of(runs), List.of());
    }

    private static RunRecord run(String runId, StateName state) {
        RunState replayed = RunState.replayed(state, NOON, NOON, List.of(), List.of(), List.of(), null, false);
        return new RunRecord(
                runId, "c", "me", CoordinatorIT.spec(1, Duration.ofSeconds(1)), NOON, 1, 1, 0, null, History.NONE,
                replayed);
    }
}
