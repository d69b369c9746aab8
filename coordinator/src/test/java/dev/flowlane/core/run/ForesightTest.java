package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.steering.HostNics;
import dev.flowlane.core.steering.PredictionTrust.Direction;
import dev.flowlane.core.steering.SimulatedNic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Searches between two hosts whose interfaces tell how they hash, and do as they tell, or not. */
class ForesightTest {
    private static final int QUEUES = 16;
    private static final String A = "10.0.0.33";
    private static final String B = "10.0.0.34";

    private final FleetDriver fleet = FleetDriver.empty();
    private final SimulatedNic atA = new SimulatedNic(QUEUES, 1);
    private final SimulatedNic atB = new SimulatedNic(QUEUES, 2);

    @Test
    void asManyLanesAsQueuesAreFoundInTheFirstRound() {
        announce(atA.told(), atB.told());
        fleet.submit("r1", Specs.stream().flows(QUEUES).maxCandidates(512).build());
        int first = fleet.run("r1").candidatesOpened();

        answer("r1", atA, atB);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.PLACED);
        assertThat(fleet.run("r1").candidatesOpened()).isEqualTo(first).isEqualTo(QUEUES + 1 + QUEUES / 4);
        assertThat(fleet.state.trust().tally(new Direction("host-b", "host-a")).toString())
                .isEqualTo(first + " of " + first);
        assertThat(fleet.state.trust().tally(new Direction("host-a", "host-b")).toString())
                .isEqualTo(first + " of " + first);
    }

    @ParameterizedTest(name = "{0} queues at each end")
    @ValueSource(ints = {8, 16, 32, 64})
    void predictionFindsALaneForEachQueueWithFewerCandidates(int queues) {
        int with = candidatesFor(queues, true);
        int without = candidatesFor(queues, false);

        assertThat(with).isEqualTo(queues + 1 + queues / 4);
        assertThat(without).isGreaterThan(with);
    }

    /** Until there is a lane for each queue. */
    private static int candidatesFor(int queues, boolean told) {
        ForesightTest search = new ForesightTest();
        SimulatedNic here = new SimulatedNic(queues, 11);
        SimulatedNic there = new SimulatedNic(queues, 12);
        search.announce("host-a", "machine-a", A, queues, told ? here.told() : HostNics.UNKNOWN);
        search.announce("host-b", "machine-b", B, queues, told ? there.told() : HostNics.UNKNOWN);
        search.fleet.submit("r1", Specs.stream().flows(queues).maxCandidates(4096).build());
        search.answer("r1", here, there);
        assertThat(search.fleet.stateOf("r1")).isEqualTo(StateName.PLACED);
        return search.fleet.run("r1").candidatesOpened();
    }

    @Test
    void hostsThatTellNothingLeaveThePortsToTheKernel() {
        announce(HostNics.UNKNOWN, HostNics.UNKNOWN);
        fleet.submit("r1", Specs.stream().flows(4).build());

        assertThat(asked("r1")).allMatch(target -> target.sourcePorts().isEmpty());
    }

    @Test
    void cpusThatAnotherRunClaimsAreAvoided() {
        announce(atA.told(), atB.told());
        fleet.submit("r1", Specs.stream().flows(QUEUES / 2).build());
        answer("r1", atA, atB);

        fleet.submit("r2", Specs.stream().flows(QUEUES / 2).build());
        int first = fleet.run("r2").candidatesOpened();
        answer("r2", atA, atB);

        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.PLACED);
        assertThat(fleet.run("r2").candidatesOpened()).isEqualTo(first);
    }

    @Test
    void predictionsThatFailAreDroppedWithAWarningAndTheSearchGoesOnWithoutThem() {
        announce(atA.told(), atB.told());
        fleet.submit("r1", Specs.stream().flows(8).maxCandidates(512).build());
        assertThat(asked("r1").getLast().sourcePorts()).isNotEmpty();

        answer("r1", new SimulatedNic(QUEUES, 7), new SimulatedNic(QUEUES, 8));

        assertThat(fleet.state.trust().trusted(new Direction("host-b", "host-a"))).isFalse();
        assertThat(FleetDriver.events(fleet.allEffects))
                .filteredOn(event -> event.type() == RunEvent.Type.WARNING)
                .extracting(RunEvent::message)
                .anyMatch(message -> message.contains("receive CPUs of host-b for packets from host-a")
                        && message.contains("predictions are dropped"));
        assertThat(fleet.stateOf("r1")).as("what was found counts, not what was foretold").isEqualTo(StateName.PLACED);
        fleet.submit("r2", Specs.stream().flows(1).build());
        assertThat(asked("r2")).allMatch(target -> target.sourcePorts().isEmpty());
    }

    @Test
    void anInterfaceThatChangesIsBelievedAnew() {
        announce(atA.told(), atB.told());
        fleet.submit("r1", Specs.stream().flows(8).maxCandidates(512).build());
        answer("r1", new SimulatedNic(QUEUES, 7), new SimulatedNic(QUEUES, 8));

        announce(atA.told(), new SimulatedNic(QUEUES, 8).told());

        assertThat(fleet.state.trust().trusted(new Direction("host-b", "host-a"))).isTrue();
        assertThat(fleet.state.trust().trusted(new Direction("host-a", "host-b"))).isFalse();
    }

    @Test
    void aReportThatComesTwiceCountsOnce() {
        announce(atA.told(), atB.told());
        fleet.submit("r1", Specs.stream().flows(4).build());
        List<CandidateReport> reports = reports("r1", FlowRole.DESTINATION, atA, atB);

        fleet.candidates("host-b", "r1", 1, reports);
        fleet.candidates("host-b", "r1", 1, reports);

        assertThat(fleet.state.trust().tally(new Direction("host-b", "host-a")).observations())
                .isEqualTo(reports.size());
    }

    @Test
    void portsOfTheSpecAreUsedInOrderAndNoOthers() {
        announce(atA.told(), atB.told());
        fleet.submit("r1", withPorts(Specs.stream().flows(2).build(), List.of(41_000, 40_000, 40_001, 40_002)));
        List<HostOrder.ConnectTarget> first = asked("r1");
        assertThat(first.getFirst().sourcePorts()).isEqualTo(List.of(41_000, 40_000, 40_001));
        assertThat(first.getFirst().candidateCount()).isEqualTo(3);

        List<CandidateReport> sources = new ArrayList<>();
        List<CandidateReport> destinations = new ArrayList<>();
        for (int id = 0; id < 3; id++) {
            sources.add(FleetDriver.candidate(id, FlowRole.SOURCE, 0, Steering.HASHED));
            destinations.add(FleetDriver.candidate(id, FlowRole.DESTINATION, 0, Steering.HASHED));
        }
        fleet.candidates("host-a", "r1", 1, sources);
        fleet.candidates("host-b", "r1", 1, destinations);
        assertThat(asked("r1").getLast().sourcePorts()).isEqualTo(List.of(40_002));
        fleet.candidates("host-a", "r1", 1, List.of(FleetDriver.candidate(3, FlowRole.SOURCE, 0, Steering.HASHED)));
        fleet.candidates(
                "host-b", "r1", 1, List.of(FleetDriver.candidate(3, FlowRole.DESTINATION, 0, Steering.HASHED)));

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.REJECTED);
        assertThat(String.join("\n", fleet.result("r1").reasons())).contains("4 ports of source-ports");
    }

    @Test
    void chosenPortsThatAllFailAreLeftToTheKernel() {
        announce(atA.told(), atB.told());
        fleet.submit("r1", Specs.stream().build());
        List<CandidateReport> refused = new ArrayList<>();
        for (int id = 0; id < fleet.run("r1").candidatesOpened(); id++) {
            refused.add(new CandidateReport(
                    id, FlowRole.SOURCE, -1, Steering.HASHED, "", 0, "", 0, "bind: EADDRINUSE"));
        }
        assertThat(asked("r1").getLast().sourcePorts()).isNotEmpty();

        fleet.candidates("host-a", "r1", 1, refused);

        assertThat(asked("r1").getLast().sourcePorts()).isEmpty();
        assertThat(asked("r1").getLast().candidateCount()).isPositive();
    }

    private void announce(HostNics nicsOfA, HostNics nicsOfB) {
        fleet.tick();
        announce("host-a", "machine-a", A, QUEUES, nicsOfA);
        announce("host-b", "machine-b", B, QUEUES, nicsOfB);
    }

    private void announce(String hostId, String machineId, String address, int cpus, HostNics nics) {
        HostAnnouncement plain = Announcements.of(
                hostId, machineId, hostId + "-1", fleet.now, cpus, Steering.HASHED, List.of(address));
        fleet.announce(new HostAnnouncement(
                plain.hostId(), plain.instanceId(), plain.eventTime(), true, plain.lease(), plain.dataAddresses(),
                plain.cpus(), Set.of(), nics));
    }

    private List<HostOrder.ConnectTarget> asked(String runId) {
        return fleet.sent(runId).stream()
                .filter(sent -> sent.order() instanceof HostOrder.Connect)
                .flatMap(sent -> ((HostOrder.Connect) sent.order()).targets().stream())
                .toList();
    }

    /** Both ends report every candidate on the CPU where these interfaces receive it. */
    private void answer(String runId, SimulatedNic here, SimulatedNic there) {
        while (fleet.run(runId).state() instanceof RunState.Connecting) {
            int attempt = fleet.run(runId).attempt();
            List<CandidateReport> sources = reports(runId, FlowRole.SOURCE, here, there);
            List<CandidateReport> destinations = reports(runId, FlowRole.DESTINATION, here, there);
            fleet.candidates("host-a", runId, attempt, sources);
            fleet.candidates("host-b", runId, attempt, destinations);
        }
    }

    private List<CandidateReport> reports(String runId, FlowRole role, SimulatedNic here, SimulatedNic there) {
        List<CandidateReport> reports = new ArrayList<>();
        TreeMap<Integer, Integer> ports = new TreeMap<>();
        for (HostOrder.ConnectTarget target : asked(runId)) {
            for (int i = 0; i < target.candidateCount(); i++) {
                int id = target.firstCandidateId() + i;
                // The kernel's choice, as good as any in its ephemeral range.
                ports.put(id, target.sourcePorts().isEmpty()
                        ? 32_768 + id * 7_919 % 28_231
                        : target.sourcePorts().get(i));
            }
        }
        ports.forEach((id, port) -> reports.add(
                switch (role) {
                    case SOURCE -> new CandidateReport(
                            id, role, here.receiveCpu(B, 7411, A, port), Steering.HASHED, A, port, B, 7411, null);
                    case DESTINATION -> new CandidateReport(
                            id, role, there.receiveCpu(A, port, B, 7411), Steering.HASHED, B, 7411, A, port, null);
                }));
        return reports;
    }

    private static RunSpec withPorts(RunSpec spec, List<Integer> ports) {
        return new RunSpec(
                spec.sources(), spec.destinations(), spec.topology(), spec.flowsPerPair(), spec.traffic(),
                spec.duration(), spec.warmup(), spec.interval(), spec.ipVersion(),
                spec.placement().withSourcePorts(ports),
                spec.io(), spec.socket(), spec.whenBusy());
    }
}
