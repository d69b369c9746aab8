package dev.flowlane.daemon.machine;

import static dev.flowlane.daemon.machine.Rig.REF;
import static dev.flowlane.daemon.machine.Rig.SECOND_NS;
import static dev.flowlane.daemon.machine.Rig.SOURCE;
import static dev.flowlane.daemon.machine.Rig.news;
import static dev.flowlane.daemon.machine.Rig.only;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import org.junit.jupiter.api.Test;

import java.util.List;

/** The life of flow ends, and everything that may go wrong in it. */
class FlowEndsTest {
    @Test
    void aRunGoesFromConnectionsToItsEnd() {
        Rig rig = Rig.of(2).warmUp().connected(1);

        List<Effect> assigned = rig.order(Rig.assign(1));
        int worker = rig.busy().getFirst();
        List<Effect> ready = rig.give(Rig.saysReady(worker));
        List<Effect> started = rig.order(new Order.Start());
        List<Effect> ended = rig.give(Rig.ended(worker, Outcome.DONE));
        List<Effect> settled = rig.give(
                new Input.TelemetrySettled(REF, SOURCE, new Accounting(3, 0, 2, 0, null, null)));
        List<Effect> released = rig.order(new Order.Release("over"));

        assertThat(only(assigned, Effect.KeepOnly.class)).hasSize(1);
        assertThat(only(assigned, Effect.AssignWorker.class)).hasSize(1);
        assertThat(news(ready, News.Ready.class).getFirst().ends()).hasSize(1);
        assertThat(started).contains(new Effect.StartWorker(worker));
        assertThat(ended).contains(new Effect.CloseTelemetry(REF, SOURCE));
        assertThat(news(ended, News.Ended.class)).isEmpty();
        assertThat(news(settled, News.Ended.class).getFirst().flow().accounting().published()).isEqualTo(3);
        assertThat(only(released, Effect.KillWorker.class)).isEmpty();
        assertThat(rig.state.runs()).isEmpty();
    }

    @Test
    void readyEndsAreToldTogetherOrAfterAMoment() {
        Rig rig = Rig.of(2).warmUp().assigned(2);
        int first = rig.busy().getFirst();

        List<Effect> one = rig.give(Rig.saysReady(first));
        List<Effect> later = rig.fire(new TimerKey.ReportReady(REF));

        assertThat(news(one, News.Ready.class)).isEmpty();
        assertThat(news(later, News.Ready.class).getFirst().ends()).hasSize(1);
    }

    @Test
    void aDriftIsToldAtOnceButNotAfterTheReport() {
        Rig rig = Rig.of(1).warmUp().running(1);
        LaneDrift drift = new LaneDrift(SOURCE, 7, false, LaneDrift.Kind.RECEIVE_CPU, "1", "3");

        List<Effect> running = rig.give(new Input.LaneDrifted(REF, drift));
        rig.give(Rig.ended(rig.busy().getFirst(), Outcome.DONE));
        rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));
        List<Effect> over = rig.give(new Input.LaneDrifted(REF, drift));

        assertThat(news(running, News.Drifted.class)).containsExactly(new News.Drifted(REF, drift));
        assertThat(news(over, News.Drifted.class)).isEmpty();
    }

    @Test
    void aLostWorkerIsReportedWithWhatItsIntervalsAddUpTo() {
        Rig rig = Rig.of(1).warmUp().running(1);
        int worker = rig.busy().getFirst();
        EndReport sums = EndReport.withoutTraffic(SOURCE.flowId(), Role.SOURCE, Outcome.ERROR, "", 3);

        rig.give(new Input.WorkerGone(worker, "process 4711 ended with signal SIGKILL"));
        List<Effect> settled =
                rig.give(new Input.TelemetrySettled(REF, SOURCE, new Accounting(2, 0, 1, 0, null, sums)));

        assertThat(news(settled, News.Ended.class)).singleElement().satisfies(told -> {
            assertThat(told.flow().outcome()).isEqualTo(EndOutcome.WORKER_LOST);
            assertThat(told.flow().message()).contains("SIGKILL");
            assertThat(told.flow().report()).isEqualTo(sums);
        });
    }

    @Test
    void aSilentWorkerIsKilledAfterThreeIntervalsAndALittleAndReportedAsStalled() {
        Rig rig = Rig.of(1).warmUp().running(1);
        int worker = rig.busy().getFirst();
        rig.give(new Input.WorkerInterval(worker, 0));
        long waited = rig.untilNs(new TimerKey.Silent(REF, SOURCE));

        List<Effect> fired = rig.fire(new TimerKey.Silent(REF, SOURCE));
        rig.give(new Input.WorkerGone(worker, "killed"));
        List<Effect> settled = rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));

        assertThat(waited).isEqualTo(5 * SECOND_NS);
        assertThat(only(fired, Effect.KillWorker.class)).hasSize(1);
        assertThat(news(settled, News.Ended.class).getFirst().flow().outcome()).isEqualTo(EndOutcome.STALLED);
    }

    /** It comes from every flow end in every interval: with thousands of them, nothing can be copied for it. */
    @Test
    void anIntervalMovesATimerAndNothingElse() {
        Rig rig = Rig.of(1).warmUp().running(1);
        HostState before = rig.state;

        List<Effect> heard = rig.give(new Input.WorkerInterval(rig.busy().getFirst(), 0));

        assertThat(heard).singleElement().isInstanceOf(Effect.ArmTimer.class);
        assertThat(rig.state).isSameAs(before);
        assertThat(rig.give(new Input.WorkerInterval(4711, 0))).isEmpty();
    }

    @Test
    void theLastIntervalMayTakeTheDrainTimeOutLonger() {
        Rig rig = Rig.of(1).warmUp().running(1);

        rig.give(new Input.WorkerInterval(rig.busy().getFirst(), 1));

        assertThat(rig.untilNs(new TimerKey.Silent(REF, SOURCE))).isEqualTo(10 * SECOND_NS);
    }

    @Test
    void stopBeforeTheStartEndsEveryEndWithoutTrafficAndKeepsTheWorkers() {
        Rig rig = Rig.of(2).warmUp().ready(2);
        List<Integer> workers = rig.busy();

        List<Effect> stopped = rig.order(new Order.Stop("cancelled"));
        for (int worker : workers) {
            rig.give(Rig.ended(worker, Outcome.NEVER_STARTED));
        }
        rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));
        List<Effect> last = rig.give(
                new Input.TelemetrySettled(REF, new FlowEndId("run-1.1", Role.SOURCE), Accounting.NONE));
        rig.warmUp();

        assertThat(only(stopped, Effect.StopWorker.class)).hasSize(2);
        assertThat(news(last, News.Ended.class).getFirst().flow().outcome()).isEqualTo(EndOutcome.NEVER_STARTED);
        assertThat(rig.state.idleWorkers()).isEqualTo(2);
    }

    @Test
    void aWorkerThatDoesNotStopIsKilled() {
        Rig rig = Rig.of(1).warmUp().running(1);
        int worker = rig.busy().getFirst();
        rig.order(new Order.Stop("cancelled"));

        List<Effect> fired = rig.fire(new TimerKey.Stopping(REF, SOURCE));
        rig.give(new Input.WorkerGone(worker, "killed"));
        List<Effect> settled = rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));

        assertThat(only(fired, Effect.KillWorker.class)).hasSize(1);
        assertThat(news(settled, News.Ended.class).getFirst().flow().outcome()).isEqualTo(EndOutcome.STOPPED);
    }

    @Test
    void trafficThatIsNotOverAtTheDeadlineIsCutOff() {
        Rig rig = Rig.of(1).warmUp().running(1);
        int worker = rig.busy().getFirst();

        rig.fire(new TimerKey.RunDeadline(REF));
        rig.give(new Input.WorkerGone(worker, "killed"));
        List<Effect> settled = rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));

        assertThat(news(settled, News.Ended.class).getFirst().flow().outcome()).isEqualTo(EndOutcome.TIMED_OUT);
    }

    @Test
    void anEndIsReportedAlthoughKafkaTakesNothing() {
        Rig rig = Rig.of(1).warmUp().running(1);
        rig.give(Rig.ended(rig.busy().getFirst(), Outcome.DONE));

        List<Effect> fired = rig.fire(new TimerKey.Settling(REF, SOURCE));

        assertThat(fired).contains(new Effect.GiveUpTelemetry(REF, SOURCE));
    }

    @Test
    void aRunThatTheCoordinatorForgotIsDropped() {
        Rig rig = Rig.of(1).warmUp().connected(1);

        List<Effect> fired = rig.fire(new TimerKey.Abandoned(REF));

        assertThat(fired).contains(new Effect.ForgetConnections(REF));
        assertThat(rig.state.runs()).isEmpty();
    }

    @Test
    void aConnectionThatWasGoneWhenItsWorkerWasToGetItEndsTheFlowEndAndFreesTheWorker() {
        Rig rig = Rig.of(1).warmUp().assigned(1);

        rig.give(new Input.AssignFailed(rig.busy().getFirst(), "candidate 0 is not open any more"));
        List<Effect> settled = rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));

        assertThat(news(settled, News.Ended.class).getFirst().flow().outcome()).isEqualTo(EndOutcome.ERROR);
        assertThat(rig.state.idleWorkers()).isEqualTo(1);
    }

    @Test
    void aLostCandidateIsReportedAsFailed() {
        Rig rig = Rig.of(0).connected(2);

        List<Effect> effects = rig.give(new Input.CandidateLost(REF, new CandidateKey(1, Role.SOURCE)));

        assertThat(news(effects, News.Candidates.class).getFirst().candidates())
                .singleElement()
                .satisfies(lost -> assertThat(lost.isOpen()).isFalse());
    }

    @Test
    void aSourceReportsAtOnceWhenAllAreKnownAndInStepsBefore() {
        Rig rig = Rig.of(0);
        rig.order(Rig.connect(0, 3));

        List<Effect> first = rig.give(new Input.CandidatesKnown(REF, List.of(Rig.open(0, Role.SOURCE))));
        List<Effect> step = rig.fire(new TimerKey.ReportOpened(REF));
        List<Effect> last = rig.give(
                new Input.CandidatesKnown(REF, List.of(Rig.open(1, Role.SOURCE), Rig.open(2, Role.SOURCE))));

        assertThat(news(first, News.Candidates.class)).isEmpty();
        assertThat(news(step, News.Candidates.class).getFirst().candidates()).hasSize(1);
        assertThat(news(last, News.Candidates.class).getFirst().candidates()).hasSize(2);
    }

    @Test
    void aDestinationReportsWhenNoneCameForAMoment() {
        Rig rig = Rig.of(0);
        rig.order(new Order.Expect(Rig.KEY, 8));

        List<Effect> accepted = rig.give(new Input.CandidatesKnown(REF, List.of(Rig.open(4, Role.DESTINATION))));
        List<Effect> idle = rig.fire(new TimerKey.ReportAccepted(REF));

        assertThat(news(accepted, News.Candidates.class)).isEmpty();
        assertThat(news(idle, News.Candidates.class).getFirst().candidates()).hasSize(1);
    }

    @Test
    void theDaemonLeavesTheCpusOfLanesWhileTheirRunIsOn() {
        Rig rig = Rig.of(1).warmUp().connected(1);

        List<Effect> assigned = rig.order(Rig.assign(1));
        rig.give(Rig.saysReady(rig.busy().getFirst()));
        List<Effect> released = rig.order(new Order.Release("over"));

        assertThat(assigned).contains(new Effect.UseCpus(CpuSet.of(3)));
        assertThat(released).contains(new Effect.UseCpus(CpuSet.parse("0-3")));
    }
}
