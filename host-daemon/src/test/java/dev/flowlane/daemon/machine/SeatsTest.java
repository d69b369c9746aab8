package dev.flowlane.daemon.machine;

import static dev.flowlane.daemon.machine.Rig.REF;
import static dev.flowlane.daemon.machine.Rig.news;
import static dev.flowlane.daemon.machine.Rig.only;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Several flow ends in one worker process. */
final class SeatsTest {
    private static FlowSettings together(int flowsPerWorker) {
        return new FlowSettings(
                        TrafficKind.STREAM,
                        1,
                        1,
                        1,
                        null,
                        2 * Rig.SECOND_NS,
                        Rig.SECOND_NS,
                        Rig.SECOND_NS,
                        Engine.EPOLL,
                        65_536,
                        65_536,
                        true,
                        false,
                        false,
                        SocketOptions.DEFAULT,
                        5 * Rig.SECOND_NS,
                        5 * Rig.SECOND_NS)
                .withFlowsPerWorker(flowsPerWorker);
    }

    /** All on CPU 1, {@code perWorker} to a worker. */
    private static Order.Assign assign(int flows, int perWorker) {
        List<Order.Assignment> ends = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            ends.add(new Order.Assignment(new FlowEndId("run-1." + i, Role.SOURCE), i, 1, -1, "host-b"));
        }
        return new Order.Assign(ends, together(perWorker), CpuSet.of(3));
    }

    /** Five running flow ends, three to a worker, in processes 1 and 2. */
    private static Rig running() {
        Rig rig = Rig.of(2, 2).warmUp().connected(5);
        rig.order(assign(5, 3));
        rig.busy().forEach(worker -> rig.give(Rig.saysReady(worker)));
        rig.order(new Order.Start());
        return rig;
    }

    private static Input ended(Rig rig, int workerId) {
        FlowEndId end = endOf(rig, workerId);
        return new Input.WorkerEnded(
                workerId,
                EndReport.withoutTraffic(end.flowId(), Role.SOURCE, Outcome.DONE, null, 3));
    }

    private static FlowEndId endOf(Rig rig, int workerId) {
        if (rig.state.workers().get(workerId) instanceof Worker.Busy(int _, RunRef _, FlowEndId end)) {
            return end;
        }
        throw new AssertionError("worker " + workerId + " has no flow end");
    }

    private static List<FlowEnd> ends(Rig rig) {
        RunState run = rig.state.runs().get(Rig.RUN);
        return run == null ? List.of() : List.copyOf(run.ends().values());
    }

    @Test
    void asManyAsGoTogetherShareAProcessAndTheRestHasTheNext() {
        Rig rig = Rig.of(2, 2).warmUp().connected(5);

        List<Effect> effects = rig.order(assign(5, 3));

        assertThat(Rig.outcome(effects)).isEqualTo(CommandOutcome.DONE);
        assertThat(only(effects, Effect.SeatWorker.class))
                .extracting(Effect.SeatWorker::workerId)
                .containsExactly(1, 1, 2);
        assertThat(only(effects, Effect.AssignWorker.class))
                .extracting(assigned -> rig.state.seats().getOrDefault(assigned.workerId(), assigned.workerId()))
                .containsExactly(1, 1, 1, 2, 2);
        assertThat(rig.state.busyWorkers()).isEqualTo(2);
    }

    @Test
    void flowEndsOfDifferentCpusShareNone() {
        Rig rig = Rig.of(4).warmUp().connected(4);
        Order.Assign spread = Rig.assign(4);

        List<Effect> effects =
                rig.order(new Order.Assign(spread.flowEnds(), together(4), spread.housekeeping()));

        assertThat(only(effects, Effect.SeatWorker.class)).isEmpty();
        assertThat(only(effects, Effect.AssignWorker.class)).hasSize(4);
    }

    @Test
    void aDaemonThatHasTooFewWorkersRefusesByTheirNumberNotTheFlows() {
        Rig rig = Rig.of(1, 1).warmUp().connected(5);

        List<Effect> effects = rig.order(assign(5, 3));

        assertThat(news(effects, News.Refused.class))
                .singleElement()
                .satisfies(refused -> assertThat(refused.message()).startsWith("2 workers are needed, 0 are busy"));
    }

    @Test
    void everyFlowEndIsStartedAndReportedForItself() {
        Rig rig = running();
        List<Integer> workers = rig.busy();
        assertThat(workers).hasSize(5);

        List<Effect> said = new ArrayList<>();
        for (int worker : workers) {
            said.addAll(rig.give(ended(rig, worker)));
        }
        for (FlowEnd end : ends(rig)) {
            said.addAll(rig.give(new Input.TelemetrySettled(REF, end.id(), Accounting.NONE)));
        }

        assertThat(only(said, Effect.LeaveSeat.class)).hasSize(3);
        assertThat(news(said, News.Ended.class))
                .extracting(news -> news.flow().end().flowId())
                .containsExactly("run-1.0", "run-1.1", "run-1.2", "run-1.3", "run-1.4");
        assertThat(rig.state.seats()).isEmpty();
        assertThat(rig.state.workers()).containsOnlyKeys(1, 2);
        assertThat(rig.state.warmingWorkers()).isEqualTo(2);
    }

    @Test
    void aProcessIsAwaitedWarmOnlyWhenItsLastFlowEndIsOver() {
        Rig rig = running();
        TimerKey warming = new TimerKey.Warming(1);
        List<Integer> seats = rig.state.seats().entrySet().stream()
                .filter(seat -> seat.getValue() == 1)
                .map(Map.Entry::getKey)
                .toList();

        rig.give(ended(rig, 1));
        assertThat(rig.timers).doesNotContainKey(warming);
        rig.give(ended(rig, seats.get(0)));
        assertThat(rig.timers).doesNotContainKey(warming);
        rig.give(ended(rig, seats.get(1)));
        assertThat(rig.timers).containsKey(warming);
        rig.give(new Input.WorkerWarm(1, 1000));
        assertThat(rig.state.workers().get(1)).isInstanceOf(Worker.Idle.class);
    }

    @Test
    void aProcessThatDiesTakesAllItsFlowEndsAndNoOthers() {
        Rig rig = running();
        List<Integer> inFirst = rig.busy().stream()
                .filter(worker -> rig.state.seats().getOrDefault(worker, worker) == 1)
                .toList();

        inFirst.reversed().forEach(worker -> rig.give(new Input.WorkerGone(worker, "killed")));

        List<Effect> said = new ArrayList<>();
        for (FlowEnd end : ends(rig)) {
            said.addAll(rig.give(new Input.TelemetrySettled(REF, end.id(), Accounting.NONE)));
        }
        assertThat(news(said, News.Ended.class))
                .hasSize(3)
                .allSatisfy(news -> assertThat(news.flow().outcome()).isEqualTo(EndOutcome.WORKER_LOST));
        assertThat(rig.busy()).hasSize(2);
        assertThat(rig.state.seats().values()).containsExactly(2);
    }

    @Test
    void aSilentFlowEndEndsItsProcess() {
        Rig rig = running();
        int seat = rig.state.seats().firstEntry().getKey();

        List<Effect> effects = rig.fire(new TimerKey.Silent(REF, endOf(rig, seat)));

        assertThat(only(effects, Effect.KillWorker.class))
                .singleElement()
                .satisfies(kill -> assertThat(kill.workerId()).isEqualTo(seat));
    }
}
