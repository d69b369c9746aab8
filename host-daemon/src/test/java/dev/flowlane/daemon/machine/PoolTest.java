package dev.flowlane.daemon.machine;

import static dev.flowlane.daemon.machine.Rig.REF;
import static dev.flowlane.daemon.machine.Rig.SOURCE;
import static dev.flowlane.daemon.machine.Rig.news;
import static dev.flowlane.daemon.machine.Rig.only;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import org.junit.jupiter.api.Test;

import java.util.List;

/** Which workers there are, and when the daemon comes and goes. */
class PoolTest {
    @Test
    void asManyWorkersAsWantedAreStartedAtFirst() {
        assertThat(Rig.of(3).state.warmingWorkers()).isEqualTo(3);
    }

    @Test
    void aDeadIdleWorkerIsReplaced() {
        Rig rig = Rig.of(2).warmUp();

        List<Effect> effects = rig.give(new Input.WorkerGone(1, "killed"));

        assertThat(only(effects, Effect.SpawnWorker.class)).hasSize(1);
    }

    @Test
    void thePoolIsNotRefilledWhileARunIsOn() {
        Rig rig = Rig.of(2).warmUp().running(1);

        List<Effect> during = rig.give(new Input.WorkerGone(rig.busy().getFirst(), "killed"));
        List<Effect> after = rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));

        assertThat(only(during, Effect.SpawnWorker.class)).isEmpty();
        assertThat(only(after, Effect.SpawnWorker.class)).hasSize(1);
    }

    @Test
    void moreFlowEndsThanWarmWorkersStartMoreWhileTheirConnectionsAreOpened() {
        Rig rig = Rig.of(1).warmUp();

        List<Effect> effects = rig.order(Rig.connect(0, 3));

        assertThat(only(effects, Effect.SpawnWorker.class)).hasSize(2);
    }

    @Test
    void surplusWorkersStayAWhileAndGo() {
        Rig rig = Rig.of(1).warmUp().ready(3);
        rig.warmUp();
        for (int worker : rig.busy()) {
            rig.give(Rig.saysReady(worker));
        }
        rig.order(new Order.Release("over"));
        for (int i = 1; i <= 3; i++) {
            rig.give(Rig.ended(i, Outcome.NEVER_STARTED));
        }
        rig.warmUp();

        List<Effect> effects = rig.fire(new TimerKey.Trim());

        assertThat(only(effects, Effect.KillWorker.class)).hasSize(2);
    }

    @Test
    void aWorkerThatCannotBeStartedFailsTheEndThatWaitsAndIsNotTriedInALoop() {
        Rig rig = Rig.of(0).connected(1);
        rig.order(Rig.assign(1));

        List<Effect> effects = rig.give(new Input.WorkerGone(1, "exit code 1; it wrote: Error: no such jar"));

        assertThat(news(effects, News.Ended.class)).singleElement().satisfies(told -> {
            assertThat(told.flow().outcome()).isEqualTo(EndOutcome.ERROR);
            assertThat(told.flow().message()).contains("no such jar");
        });
        assertThat(only(effects, Effect.SpawnWorker.class)).isEmpty();
        assertThat(rig.timers).containsKey(new TimerKey.Respawn());
    }

    @Test
    void failuresInARowDoubleThePauseUpToHalfAMinute() {
        assertThat(Bounds.respawnNs(1)).isEqualTo(500_000_000L);
        assertThat(Bounds.respawnNs(2)).isEqualTo(1_000_000_000L);
        assertThat(Bounds.respawnNs(100)).isEqualTo(30_000_000_000L);
    }

    @Test
    void theCacheIsMadeWhenAllIsWarmAndQuietAndGivenUpForARun() {
        Rig rig = Rig.of(1);
        rig.give(new Input.AotCacheKnown(false));

        List<Effect> warm = rig.give(new Input.WorkerWarm(1, 1));
        List<Effect> run = rig.order(new Order.Expect(Rig.KEY, 4));

        assertThat(warm).contains(new Effect.TrainAotCache());
        assertThat(run).contains(new Effect.AbortTraining());
    }

    @Test
    void aDaemonSaysHelloOnlyWhenItReadsCommandsAndThenBeats() {
        Rig rig = Rig.of(1).warmUp();

        List<Effect> ready = rig.give(new Input.BusReady());
        List<Effect> beat = rig.fire(new TimerKey.Heartbeat());

        assertThat(ready).contains(new Effect.PublishHost(true));
        assertThat(news(ready, News.Hello.class).getFirst().warmWorkers()).isEqualTo(1);
        assertThat(news(beat, News.Heartbeat.class)).hasSize(1);
    }

    @Test
    void anIdleDaemonLeavesAtOnce() {
        Rig rig = Rig.of(2).warmUp();
        rig.give(new Input.BusReady());

        List<Effect> effects = rig.give(new Input.ShutdownRequested("SIGTERM"));

        assertThat(only(effects, Effect.KillWorker.class)).hasSize(2);
        assertThat(news(effects, News.Goodbye.class)).hasSize(1);
        assertThat(effects.subList(effects.size() - 2, effects.size()))
                .containsExactly(new Effect.PublishHost(false), new Effect.Exit());
    }

    @Test
    void aBusyDaemonStopsItsFlowsReportsThemAndLeavesWithinItsBound() {
        Rig rig = Rig.of(2).warmUp();
        rig.give(new Input.BusReady());
        rig.running(2);
        List<Integer> workers = rig.busy();

        List<Effect> asked = rig.give(new Input.ShutdownRequested("SIGTERM"));
        rig.give(Rig.ended(workers.getFirst(), Outcome.STOPPED));
        List<Effect> one = rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));
        List<Effect> bound = rig.fire(new TimerKey.ShutdownBound());

        assertThat(only(asked, Effect.StopWorker.class)).hasSize(2);
        assertThat(asked).doesNotContain(new Effect.Exit());
        assertThat(news(one, News.Ended.class)).hasSize(1);
        assertThat(news(bound, News.Ended.class)).singleElement().satisfies(told -> assertThat(told.flow().end())
                .isEqualTo(new FlowEndId("run-1.1", Role.SOURCE)));
        assertThat(bound).endsWith(new Effect.Exit());
        assertThat(rig.give(new Input.BusReady())).isEmpty();
    }
}
