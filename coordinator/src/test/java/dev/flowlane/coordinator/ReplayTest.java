package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.EndOutcome;
import dev.flowlane.avro.EndReport;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.StateName;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

final class ReplayTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private final Replay replay = new Replay();

    @Test
    void theLastStateOfARunCountsAndATombstoneForgets() {
        add(Topic.RUNS, "a", run("a", StateName.QUEUED, NOON));
        add(Topic.RUNS, "b", run("b", StateName.QUEUED, NOON));
        add(Topic.RUNS, "c", run("c", StateName.RUNNING, NOON));
        add(Topic.RUNS, "a", run("a", StateName.COMPLETED, NOON));
        add(Topic.RUNS, "b", null);

        assertThat(replay.runs()).extracting(RunRecord::runId).containsExactly("a", "c");
        assertThat(replay.runs()).extracting(run -> run.state().name())
                .containsExactly(StateName.COMPLETED, StateName.RUNNING);
    }

    @Test
    void theHighestEpochIsFoundWhereverItWasWritten() {
        add(Topic.RUNS, RunAvro.EPOCH_KEY, RunAvro.epochRecord(7));
        Run run = run("a", StateName.QUEUED, NOON);
        run.setCoordinatorEpoch(9);
        add(Topic.RUNS, "a", run);

        assertThat(replay.epoch()).isEqualTo(9);
        assertThat(replay.runs()).hasSize(1);
    }

    @Test
    void ofManyEndedRunsTheNewestAreKeptAndEveryLiveOne() {
        add(Topic.RUNS, "live", run("live", StateName.QUEUED, NOON.minusSeconds(9_999)));
        for (int i = 0; i < 5_000; i++) {
            add(Topic.RUNS, "run-" + i, run("run-" + i, StateName.COMPLETED, NOON.plusSeconds(i)));
        }

        assertThat(replay.runs()).hasSizeBetween(1_000, 2_001)
                .extracting(RunRecord::runId)
                .contains("live", "run-4999", "run-4000")
                .doesNotContain("run-0");
    }

    @Test
    void ofManyFlowsThoseOfTheNewestEndedRunsAreKept() {
        for (int i = 0; i < 200; i++) {
            Run run = run("run-" + i, StateName.COMPLETED, NOON.plusSeconds(i));
            run.setFlows(Collections.nCopies(500, RunFlow.newBuilder()
                    .setFlowId("run-" + i + ".0")
                    .setSourceHostId("a")
                    .setDestinationHostId("b")
                    .setCandidateId(0)
                    .setSourceAddress("::1")
                    .setSourcePort(1)
                    .setDestinationAddress("::1")
                    .setDestinationPort(2)
                    .setSourceApplicationCpu(0)
                    .setSourceReceiveCpu(0)
                    .setDestinationApplicationCpu(1)
                    .setDestinationReceiveCpu(1)
                    .setSourceReport(report(FlowRole.SOURCE))
                    .setDestinationReport(report(FlowRole.DESTINATION))
                    .build()));
            add(Topic.RUNS, "run-" + i, run);
        }

        assertThat(replay.runs()).hasSize(200);
        assertThat(replay.runs().stream().mapToInt(run -> run.flows().size()).sum()).isBetween(20_000, 40_000);
        assertThat(replay.runs().getLast().flows()).hasSize(500);
        assertThat(replay.runs().getFirst().flows()).isEmpty();
    }

    private static EndReport report(FlowRole role) {
        return EndReport.newBuilder().setFlowId("f").setFlowRole(role).setOutcome(EndOutcome.DONE).build();
    }

    @Test
    void aHostThatMakesNoSenseIsPassedOver() {
        add(Topic.HOSTS, "a", host("a", "0-3"));
        add(Topic.HOSTS, "b", host("b", "nonsense"));

        assertThat(replay.hosts()).containsOnlyKeys("a", "b");
        assertThat(replay.announcements()).singleElement().matches(host -> host.hostId().equals("a"));
    }

    private <T extends SpecificRecord> void add(Topic<T> topic, String key, @Nullable T value) {
        replay.add(new BusRecord<>(topic, 0, 0, NOON, key, value));
    }

    private static Run run(String runId, StateName state, Instant since) {
        return RunAvro.toAvro(new RunRecord(
                runId,
                "c",
                "me",
                CoordinatorIT.spec(1, Duration.ofSeconds(1)),
                NOON,
                1,
                1,
                0,
                null,
                History.NONE,
                RunState.replayed(state, since, since, List.of(), List.of(), List.of(), null, false)));
    }

    private static Host host(String hostId, String cpus) {
        return Host.newBuilder()
                .setHostId(hostId)
                .setMachineId("m")
                .setInstanceId("i")
                .setEventTime(NOON)
                .setDataAddresses(List.of())
                .setOnlineCpus(cpus)
                .setAllowedCpus(cpus)
                .build();
    }
}
