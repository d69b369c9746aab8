package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.RunSpec;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;

class HostsTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec spec = Specs.stream().build();

    private HostView host(String hostId) {
        return Objects.requireNonNull(fleet.state.hosts().get(hostId));
    }

    private HostAnnouncement announcement(String instanceId, Instant at) {
        return Announcements.of("host-b", "machine-b", instanceId, at, 4, Steering.HASHED, List.of("10.0.0.2"));
    }

    @Test
    void aHostThatSpeaksIsNotLost() {
        fleet.passWithHeartbeats(Duration.ofSeconds(60), Set.of(), "host-a", "host-b");

        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.ONLINE);
    }

    @Test
    void aHostThatIsSilentForItsLeaseIsLostAndTheRunEndsNamingIt() {
        fleet.running("r1", spec);

        fleet.passWithHeartbeats(Duration.ofSeconds(16), Set.of("r1"), "host-a");

        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.LOST);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.run("r1").state().reasons())
                .singleElement()
                .asString()
                .contains("HOST_LOST host-b while RUNNING", "15 s", "daemon");
        assertThat(fleet.sent("r1").getLast().order()).isInstanceOf(HostOrder.Stop.class);
        assertThat(fleet.sent("r1").getLast().hostId()).isEqualTo("host-a");
    }

    @Test
    void whatTheOtherEndMeasuredIsKept() {
        fleet.running("r1", spec);
        fleet.passWithHeartbeats(Duration.ofSeconds(16), Set.of("r1"), "host-a");

        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.ended(EndOutcome.STOPPED, null).windowNs(5));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.FAILED);
        assertThat(fleet.result("r1").reasons().getFirst()).startsWith("HOST_LOST host-b");
        assertThat(fleet.result("r1").flows().getFirst().sourceWindowNs()).isEqualTo(5);
        assertThat(fleet.run("r1").claims()).isEmpty();
    }

    @Test
    void aTimerThatComesLateIsNotBelievedAtOnce() {
        fleet.running("r1", spec);
        fleet.now = fleet.now.plusSeconds(60);

        fleet.fire(new TimerKey.Lease("host-b"));

        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.ONLINE);
        assertThat(fleet.timers).containsEntry(new TimerKey.Lease("host-b"), fleet.now.plus(Bounds.CATCH_UP));
        fleet.now = fleet.now.plus(Bounds.CATCH_UP);
        fleet.fire(new TimerKey.Lease("host-b"));
        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.LOST);
    }

    @Test
    void aRestartedDaemonHasLostItsEnds() {
        fleet.running("r1", spec);

        fleet.hello("host-b", "host-b-2", Set.of());

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.run("r1").state().reasons())
                .singleElement()
                .asString()
                .contains("HOST_LOST host-b while RUNNING", "restarted");
    }

    @Test
    void aRestartedDaemonEndsASearch() {
        fleet.submit("r1", spec);

        fleet.announce(announcement("host-b-2", fleet.now.plusMillis(5)));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.FAILED);
        assertThat(fleet.result("r1").reasons().getFirst()).contains("HOST_LOST host-b while CONNECTING");
    }

    @Test
    void aHostRecordThatComesLateDoesNotBringTheOldInstanceBack() {
        fleet.hello("host-b", "host-b-1", Set.of());
        Instant before = fleet.now.minusMillis(1);
        fleet.announce(announcement("host-b-2", fleet.now.plusMillis(5)));
        fleet.hello("host-b", "host-b-2", Set.of());
        fleet.running("r1", spec);

        fleet.step(new Input.HostAnnounced(announcement("host-b-1", before)));
        fleet.step(new Input.HostHeartbeat("host-b", "host-b-1", before, Set.of(), 0, null));

        assertThat(fleet.effects).isEmpty();
        assertThat(host("host-b").instanceId()).isEqualTo("host-b-2");
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
    }

    @Test
    void aRestartedDaemonGetsNoWorkBeforeItsHostRecordIsThere() {
        fleet.hello("host-b", "host-b-2", Set.of());
        fleet.submit("r1", spec);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.QUEUED);

        fleet.announce(announcement("host-b-2", fleet.now));

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void aRestartedDaemonWhoseHostRecordNeverComesIsLost() {
        fleet.hello("host-b", "host-b-2", Set.of());
        fleet.submit("r1", spec);

        for (int second = 0; second < 17; second++) {
            fleet.pass(Duration.ofSeconds(1));
            fleet.heartbeat("host-a", Set.of());
            fleet.step(new Input.HostHeartbeat("host-b", "host-b-2", fleet.now, Set.of(), 0, null));
        }

        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.LOST);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.REJECTED);
    }

    @Test
    void aRestartedDaemonWhoseClockWasSetBackGetsWorkOnceTheLeaseOfTheOneBeforeIsOver() {
        Instant ahead = fleet.now.plus(Duration.ofMinutes(5));
        fleet.step(new Input.HostHeartbeat("host-b", host("host-b").instanceId(), ahead, Set.of(), 0, null));

        fleet.step(new Input.HostAnnounced(announcement("host-b-2", fleet.now)));
        for (int second = 0; second < 17; second++) {
            fleet.pass(Duration.ofSeconds(1));
            fleet.heartbeat("host-a", Set.of());
            fleet.step(new Input.HostHeartbeat("host-b", "host-b-2", fleet.now, Set.of(), 0, null));
        }

        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.ONLINE);
        assertThat(host("host-b").inventoryKnown()).isTrue();
        assertThat(host("host-b").waiting()).isNull();
        fleet.submit("r1", spec);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void aGoodbyeEndsWhatTheHostStillHad() {
        fleet.running("r1", spec);

        fleet.goodbye("host-b");

        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.OFFLINE);
        assertThat(fleet.run("r1").state().reasons().getFirst()).contains("HOST_LOST host-b", "shut down");
        assertThat(fleet.timers).doesNotContainKey(new TimerKey.Lease("host-b"));
    }

    @Test
    void anOfflineHostRecordIsAGoodbye() {
        fleet.running("r1", spec);

        fleet.step(new Input.HostAnnounced(
                Announcements.offline(host("host-b").announced(), fleet.now.plusMillis(1))));

        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.OFFLINE);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
    }

    @Test
    void aHostThatComesBackIsToldToForgetWhatIsOver() {
        fleet.running("r1", spec);
        fleet.passWithHeartbeats(Duration.ofSeconds(16), Set.of("r1"), "host-a");
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.ended(EndOutcome.STOPPED, null));

        fleet.heartbeat("host-b", Set.of("r1"));

        assertThat(host("host-b").liveness()).isEqualTo(HostView.Liveness.ONLINE);
        assertThat(fleet.orders()).containsExactly("RELEASE host-b");
        assertThat(fleet.timers).containsKey(new TimerKey.Lease("host-b"));
    }

    @Test
    void aReportOfAHostThatWasBelievedLostStillCounts() {
        fleet.running("r1", spec);
        fleet.passWithHeartbeats(Duration.ofSeconds(16), Set.of("r1"), "host-a");

        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000));
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));

        assertThat(fleet.result("r1").receivedBytes()).isEqualTo(1000);
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.PARTIAL);
    }

    @Test
    void aHelloOfTheSameDaemonGetsTheOrdersOfThePhaseAgain() {
        fleet.submit("r1", spec);
        fleet.hello("host-b", "host-b-1", Set.of("r1"));
        assertThat(fleet.orders()).containsExactly("EXPECT host-b");
        fleet.hello("host-a", "host-a-1", Set.of("r1"));
        assertThat(fleet.orders()).containsExactly("CONNECT host-a");

        fleet.open("r1", id -> 1);
        fleet.hello("host-a", "host-a-1", Set.of("r1"));
        assertThat(fleet.orders()).containsExactly("ASSIGN host-a");

        fleet.ready("r1");
        fleet.hello("host-a", "host-a-1", Set.of("r1"));
        assertThat(fleet.orders()).containsExactly("START host-a");
    }

    @Test
    void aHelloLongAfterTheStartGetsNoStart() {
        fleet.running("r1", spec);
        fleet.passWithHeartbeats(Duration.ofSeconds(11), Set.of("r1"), "host-a", "host-b");

        fleet.hello("host-a", "host-a-1", Set.of("r1"));

        assertThat(fleet.orders()).isEmpty();
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
    }

    @Test
    void aHelloThatHoldsADeadRunGetsARelease() {
        fleet.hello("host-b", "host-b-1", Set.of("long-gone"));

        assertThat(fleet.orders()).containsExactly("RELEASE host-b");
    }

    @Test
    void aHelloWithoutARunThatShouldBeThereEndsIt() {
        fleet.running("r1", spec);

        fleet.hello("host-b", "host-b-1", Set.of());

        assertThat(fleet.run("r1").state().reasons().getFirst()).contains("HOST_LOST host-b", "no longer knows");
    }

    @Test
    void oneHeartbeatWithoutARunProvesNothingTwoDo() {
        fleet.running("r1", spec);

        fleet.heartbeat("host-b", Set.of());
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
        fleet.heartbeat("host-b", Set.of());

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
    }

    @Test
    void anOldHeartbeatDeliveredAgainProvesNothing() {
        fleet.heartbeat("host-b", Set.of());
        Instant old = fleet.now;
        fleet.running("r1", spec);

        for (int i = 0; i < 3; i++) {
            fleet.step(new Input.HostHeartbeat("host-b", "host-b-1", old, Set.of(), 0, null));
        }

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
    }

    @Test
    void wordsOfAnUnknownHostAreOfNoInterest() {
        fleet.step(new Input.HostHello("host-z", "z-1", fleet.now, Set.of("r1"), 1, null));

        assertThat(fleet.effects).isEmpty();
    }
}
