package dev.flowlane.daemon.machine;

import static dev.flowlane.daemon.machine.Rig.KEY;
import static dev.flowlane.daemon.machine.Rig.NOON;
import static dev.flowlane.daemon.machine.Rig.REF;
import static dev.flowlane.daemon.machine.Rig.SOURCE;
import static dev.flowlane.daemon.machine.Rig.news;
import static dev.flowlane.daemon.machine.Rig.only;
import static dev.flowlane.daemon.machine.Rig.outcome;
import static dev.flowlane.daemon.machine.Rig.refusals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.stream.Stream;

/** Which commands are obeyed: epochs, attempts, deadlines, repetitions, order. */
class CommandsTest {
    static Stream<Arguments> everyOrder() {
        return Stream.of(
                        new Order.Expect(KEY, 8),
                        Rig.connect(0, 2),
                        Rig.assign(1),
                        new Order.Start(),
                        new Order.Stop("enough"),
                        new Order.Release("over"))
                .map(order -> Arguments.of(order.type(), order));
    }

    @Test
    void eachCandidateComesFromItsOwnPort() {
        Order.Target target = new Order.Target(
                "host-b", new Endpoint("10.0.0.2", 7411), "10.0.0.1", 5, 2, List.of(41_000, 40_000));

        List<Effect> effects = Rig.of(2).warmUp()
                .order(new Order.Connect(KEY, List.of(target), SocketOptions.DEFAULT, 1, List.of()));

        assertThat(only(effects, Effect.Connect.class).getFirst().attempts())
                .extracting(Effect.Attempt::candidateId, attempt -> attempt.source().toString())
                .containsExactly(
                        tuple(5, "10.0.0.1:41000"),
                        tuple(6, "10.0.0.1:40000"));
    }

    @Test
    void candidatesThatCannotHelpAreClosedBeforeOthersAreOpenedAndCountNoMore() {
        Rig rig = Rig.of(2).warmUp().connected(2);
        Order.Connect more = new Order.Connect(
                KEY, Rig.connect(2, 1).targets(), SocketOptions.DEFAULT, 1, List.of(1, 7));

        List<Effect> effects = rig.order(more);

        assertThat(only(effects, Effect.CloseConnections.class).getFirst().which())
                .containsExactly(new CandidateKey(1, Role.SOURCE));
        assertThat(only(effects, Effect.Connect.class).getFirst().attempts())
                .extracting(Effect.Attempt::candidateId)
                .containsExactly(2);
        assertThat(only(rig.order(more), Effect.CloseConnections.class)).as("the same order again").isEmpty();
        assertThat(only(rig.order(Rig.assign(2)), Effect.KeepOnly.class)).as("a closed one is refused").isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyOrder")
    void aLowerEpochHasNoEffect(String type, Order order) {
        Rig rig = Rig.of(2).warmUp().ready(1);
        HostState before = rig.state;
        rig.epoch = 6;

        List<Effect> effects = rig.order(order);

        assertThat(rig.state).isEqualTo(before);
        assertThat(effects).containsExactly(new Effect.CountCommand(type, CommandOutcome.LOWER_EPOCH));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyOrder")
    void aLowerAttemptHasNoEffect(String type, Order order) {
        Rig rig = Rig.of(2).warmUp();
        rig.attempt = 2;
        rig.order(Rig.connect(0, 1));
        HostState before = rig.state;
        rig.attempt = 1;

        List<Effect> effects = rig.order(order);

        assertThat(rig.state).isEqualTo(before);
        assertThat(effects).containsExactly(new Effect.CountCommand(type, CommandOutcome.OLD_ATTEMPT));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyOrder")
    void whatBeginsSomethingIsRefusedAfterItsDeadlineAndWhatEndsSomethingNever(String type, Order order) {
        Rig rig = Rig.of(2).warmUp();

        List<Effect> effects = rig.order(order, NOON.minusMillis(1));

        boolean ends = order instanceof Order.Stop || order instanceof Order.Release;
        assertThat(outcome(effects) == CommandOutcome.EXPIRED).isEqualTo(!ends);
        assertThat(refusals(effects).contains(RefusalCode.EXPIRED)).isEqualTo(!ends);
        assertThat(rig.state.runs()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyOrder")
    void theSameOrderTwiceHasTheEffectOfOne(String type, Order order) {
        Rig rig = Rig.of(2).warmUp();
        if (order instanceof Order.Assign) {
            rig.connected(1);
        } else if (order instanceof Order.Start) {
            rig.ready(1);
        }
        rig.order(order);
        HostState once = rig.state;

        List<Effect> effects = rig.order(order, NOON.minusSeconds(60));

        assertThat(outcome(effects)).isEqualTo(CommandOutcome.REPEATED);
        assertThat(only(effects, Effect.SpawnWorker.class)).isEmpty();
        assertThat(only(effects, Effect.AssignWorker.class)).isEmpty();
        assertThat(only(effects, Effect.StartWorker.class)).isEmpty();
        assertThat(only(effects, Effect.Connect.class)).isEmpty();
        assertThat(rig.state.runs()).isEqualTo(once.runs());
        assertThat(rig.state.workers()).isEqualTo(once.workers());
    }

    @Test
    void candidatesAreToldAgainWhenConnectIsRepeated() {
        Rig rig = Rig.of(0).connected(2);

        List<Effect> effects = rig.order(Rig.connect(0, 2));

        assertThat(news(effects, News.Candidates.class))
                .singleElement()
                .satisfies(told -> assertThat(told.candidates()).hasSize(2));
    }

    @Test
    void moreCandidatesAreOpenedBesideThoseThatThereAre() {
        Rig rig = Rig.of(0).connected(2);

        List<Effect> effects = rig.order(Rig.connect(0, 5));

        assertThat(only(effects, Effect.Connect.class).getFirst().attempts())
                .extracting(Effect.Attempt::candidateId)
                .containsExactly(2, 3, 4);
    }

    @Test
    void readyAndEndedAreToldAgainWhenAssignIsRepeated() {
        Rig rig = Rig.of(2).warmUp().ready(2);
        int first = rig.busy().getFirst();
        rig.give(Rig.ended(first, Outcome.ERROR));
        rig.give(new Input.TelemetrySettled(REF, SOURCE, Accounting.NONE));

        List<Effect> effects = rig.order(Rig.assign(2));

        assertThat(news(effects, News.Ready.class)).singleElement().satisfies(told -> assertThat(told.ends())
                .extracting(end -> end.end().flowId())
                .containsExactly("run-1.1"));
        assertThat(news(effects, News.Ended.class)).hasSize(1);
    }

    @Test
    void anotherAssignmentInTheSameAttemptIsRefused() {
        Rig rig = Rig.of(2).warmUp().assigned(1);

        List<Effect> effects = rig.order(Rig.assign(2));

        assertThat(refusals(effects)).containsExactly(RefusalCode.ERROR);
        assertThat(rig.busy()).hasSize(1);
    }

    @Test
    void anotherKeyInTheSameAttemptIsRefused() {
        Rig rig = Rig.of(0);
        rig.order(new Order.Expect(KEY, 8));
        byte[] other = new byte[32];
        other[0] = 1;

        List<Effect> effects = rig.order(new Order.Expect(new RunKey(Bytes.copyOf(other)), 8));

        assertThat(refusals(effects)).containsExactly(RefusalCode.ERROR);
    }

    @Test
    void stopWinsOverAStartThatComesLater() {
        Rig rig = Rig.of(2).warmUp().ready(1);
        rig.order(new Order.Stop("cancelled"));

        List<Effect> effects = rig.order(new Order.Start());

        assertThat(outcome(effects)).isEqualTo(CommandOutcome.RUN_OVER);
        assertThat(only(effects, Effect.StartWorker.class)).isEmpty();
    }

    @Test
    void stopThatOvertakesTheRestOfItsRunStillWins() {
        Rig rig = Rig.of(2).warmUp();
        rig.order(new Order.Stop("cancelled"));

        assertThat(outcome(rig.order(new Order.Expect(KEY, 8)))).isEqualTo(CommandOutcome.RUN_OVER);
        assertThat(outcome(rig.order(Rig.connect(0, 1)))).isEqualTo(CommandOutcome.RUN_OVER);
        List<Effect> assigned = rig.order(Rig.assign(1));
        assertThat(outcome(rig.order(new Order.Start()))).isEqualTo(CommandOutcome.RUN_OVER);

        assertThat(news(assigned, News.Ended.class)).singleElement().satisfies(told -> {
            assertThat(told.flow().outcome()).isEqualTo(EndOutcome.NEVER_STARTED);
            assertThat(told.flow().message()).isEqualTo("cancelled");
        });
        assertThat(rig.state.runs()).isEmpty();
        assertThat(rig.busy()).isEmpty();
    }

    @Test
    void aReleasedRunDoesNotComeBackButItsNextAttemptDoes() {
        Rig rig = Rig.of(2).warmUp().ready(1);
        rig.order(new Order.Release("placed anew"));

        CommandOutcome same = outcome(rig.order(Rig.connect(0, 1)));
        rig.attempt = 2;
        CommandOutcome next = outcome(rig.order(Rig.connect(0, 1)));

        assertThat(same).isEqualTo(CommandOutcome.RUN_OVER);
        assertThat(next).isEqualTo(CommandOutcome.DONE);
    }

    @Test
    void aHigherAttemptReplacesALowerOneAndKeepsItsWorkersWarm() {
        Rig rig = Rig.of(1).warmUp().ready(1);
        int worker = rig.busy().getFirst();
        rig.attempt = 2;

        List<Effect> effects = rig.order(Rig.connect(0, 1));

        assertThat(effects).contains(new Effect.ForgetConnections(REF));
        assertThat(only(effects, Effect.StopWorker.class)).hasSize(1);
        assertThat(only(effects, Effect.KillWorker.class)).isEmpty();
        rig.give(Rig.ended(worker, Outcome.NEVER_STARTED));
        rig.warmUp();
        assertThat(rig.state.idleWorkers()).isEqualTo(1);
    }

    @Test
    void ordersOfARunThatNobodyPreparedAreRefused() {
        Rig rig = Rig.of(2).warmUp();

        assertThat(refusals(rig.order(Rig.assign(1)))).containsExactly(RefusalCode.UNKNOWN_RUN);
        assertThat(refusals(rig.order(new Order.Start()))).containsExactly(RefusalCode.UNKNOWN_RUN);
    }

    @Test
    void aCandidateThatIsNotOpenIsRefused() {
        Rig rig = Rig.of(2).warmUp();
        rig.order(Rig.connect(0, 1));
        Candidate failed = Candidate.failed(
                0, Role.SOURCE, Endpoint.NONE, new Endpoint("10.0.0.2", 7411), "connect: ECONNREFUSED");
        rig.give(new Input.CandidatesKnown(REF, List.of(failed)));

        List<Effect> effects = rig.order(Rig.assign(1));

        assertThat(news(effects, News.Refused.class)).singleElement().satisfies(told -> {
            assertThat(told.code()).isEqualTo(RefusalCode.UNKNOWN_CANDIDATE);
            assertThat(told.message()).contains("ECONNREFUSED");
        });
    }

    @Test
    void aCpuThatTheDaemonMayNotUseIsRefusedByName() {
        Rig rig = Rig.of(2).warmUp().connected(1);
        Order.Assign wrong = new Order.Assign(
                List.of(new Order.Assignment(SOURCE, 0, 9, -1, "host-b")),
                Rig.settings(),
                null);

        List<Effect> effects = rig.order(wrong);

        assertThat(news(effects, News.Refused.class)).singleElement().satisfies(told -> {
            assertThat(told.code()).isEqualTo(RefusalCode.BAD_CPU);
            assertThat(told.message()).contains("CPU 9", "0-3");
        });
    }

    @Test
    void numbersBeyondWhatTheDaemonIsSetUpForAreRefusedBeforeAnythingIsOpened() {
        Rig rig = Rig.of(0, 2);

        assertThat(refusals(rig.order(Rig.connect(0, 65)))).containsExactly(RefusalCode.LIMIT);
        assertThat(refusals(rig.order(Rig.connect(Integer.MAX_VALUE, 2)))).containsExactly(RefusalCode.LIMIT);
        assertThat(refusals(rig.order(new Order.Expect(KEY, 65)))).containsExactly(RefusalCode.LIMIT);
        rig.connected(3);
        assertThat(refusals(rig.order(Rig.assign(3)))).containsExactly(RefusalCode.LIMIT);
    }

    @Test
    void aCommandThatMakesNoSenseIsAnsweredWithItsReason() {
        Rig rig = Rig.of(0);

        List<Effect> effects = rig.give(
                new Input.CommandMalformed("c", "ASSIGN", Rig.RUN, 1, 7, "readBytes is 0, allowed is 1 to 134217728"));

        assertThat(news(effects, News.Refused.class)).singleElement().satisfies(told -> {
            assertThat(told.code()).isEqualTo(RefusalCode.ERROR);
            assertThat(told.message()).contains("readBytes");
        });
    }
}
