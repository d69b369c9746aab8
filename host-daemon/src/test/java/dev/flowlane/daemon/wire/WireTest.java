package dev.flowlane.daemon.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Arrival;
import dev.flowlane.avro.AssignCommand;
import dev.flowlane.avro.ConnectCommand;
import dev.flowlane.avro.ConnectTarget;
import dev.flowlane.avro.ExpectCommand;
import dev.flowlane.avro.FlowEndAssignment;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.HostCommandType;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.HostEventType;
import dev.flowlane.avro.IoEngine;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.daemon.machine.Accounting;
import dev.flowlane.daemon.machine.EndOutcome;
import dev.flowlane.daemon.machine.EndedFlow;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.daemon.machine.News;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.Course;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** Records of the bus and the machine's own types. */
class WireTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void assignCarriesEveryFlowEndAndTheHousekeepingCpus() {
        HostCommand record = command(HostCommandType.ASSIGN)
                .setAssign(new AssignCommand(
                        spec().setMaxPacingBitsPerSecond(8_000L).build(),
                        List.of(new FlowEndAssignment("r.0", FlowRole.DESTINATION, 7, 3, 4, "host-a")),
                        "0-1,5"))
                .build();

        assertThat(CommandFromAvro.input(record, NOW)).isInstanceOfSatisfying(Input.CommandReceived.class, input -> {
            assertThat(input.command().runId()).isEqualTo("r");
            assertThat(input.command().epoch()).isEqualTo(9);
            assertThat(input.command().order()).isInstanceOfSatisfying(Order.Assign.class, assign -> {
                assertThat(assign.flowEnds())
                        .containsExactly(new Order.Assignment(
                                new FlowEndId("r.0", Role.DESTINATION), 7, 3, 4, "host-a"));
                assertThat(assign.housekeeping()).isEqualTo(CpuSet.of(0, 1, 5));
                assertThat(assign.settings().socket().maxPacingBytesPerSecond()).isEqualTo(1_000);
            });
        });
    }

    private static FlowSettings settings(RunSpec spec) {
        HostCommand record = command(HostCommandType.ASSIGN)
                .setAssign(new AssignCommand(spec, List.of(), null))
                .build();
        Input.CommandReceived input = (Input.CommandReceived) CommandFromAvro.input(record, NOW);
        return ((Order.Assign) input.command().order()).settings();
    }

    @Test
    void datagramsHaveSettingsOfTheirOwn() {
        FlowSettings stream = settings(spec().setTrafficKind(TrafficKind.DATAGRAM_STREAM)
                .setMessageBytes(1400)
                .setRateBitsPerSecond(11_200_000L)
                .setArrival(Arrival.CONSTANT)
                .build());
        assertThat(stream.requestBytes()).isEqualTo(1400);
        assertThat(stream.datagrams()).isEqualTo(DatagramSettings.DEFAULT);
        assertThat(stream.pace()).isNotNull().extracting(Pace::messagesPerSecond).isEqualTo(1000.0);

        FlowSettings requests = settings(spec().setTrafficKind(TrafficKind.DATAGRAM_REQUEST_RESPONSE)
                .setRequestBytes(24)
                .setResponseBytes(100)
                .setRequestTimeoutNs(2_000_000L)
                .setSegmentationOffload(false)
                .build());
        assertThat(requests.responseBytes()).isEqualTo(100);
        assertThat(requests.datagrams())
                .isEqualTo(new DatagramSettings(2_000_000, DatagramSettings.Offload.OFF));

        assertThat(settings(spec().build()).datagrams()).isNull();
    }

    @Test
    void connectSaysWhetherThereAreDatagrams() {
        for (TrafficKind kind : List.of(TrafficKind.STREAM, TrafficKind.DATAGRAM_STREAM)) {
            HostCommand record = command(HostCommandType.CONNECT)
                    .setConnect(new ConnectCommand(
                            ByteBuffer.allocate(32),
                            List.of(),
                            spec().setTrafficKind(kind).build(),
                            List.of()))
                    .build();
            Input.CommandReceived input = (Input.CommandReceived) CommandFromAvro.input(record, NOW);
            assertThat(((Order.Connect) input.command().order()).datagrams())
                    .isEqualTo(kind == TrafficKind.DATAGRAM_STREAM);
        }
    }

    @Test
    void assignCarriesTheCourseOfItsTraffic() {
        HostCommand record = command(HostCommandType.ASSIGN)
                .setAssign(new AssignCommand(
                        spec().setTrafficKind(TrafficKind.CONNECT_REQUEST_RESPONSE)
                                .setMostMessages(7L)
                                .setResetClose(true)
                                .build(),
                        List.of(),
                        "0"))
                .build();

        assertThat(CommandFromAvro.input(record, NOW)).isInstanceOfSatisfying(Input.CommandReceived.class, input ->
                assertThat(input.command().order()).isInstanceOfSatisfying(Order.Assign.class, assign -> {
                    assertThat(assign.settings().kind())
                            .isEqualTo(dev.flowlane.worker.protocol.TrafficKind.CONNECT_REQUEST_RESPONSE);
                    assertThat(assign.settings().course()).isEqualTo(new Course(false, 0, 7, true, null));
                }));
    }

    @Test
    void connectCarriesItsTargets() {
        HostCommand record = command(HostCommandType.CONNECT)
                .setConnect(new ConnectCommand(
                        ByteBuffer.allocate(32),
                        List.of(new ConnectTarget("host-b", "10.0.0.2", 7411, "10.0.0.1", 16, 8, List.of())),
                        spec().setFlowsPerPair(4).build(),
                        List.of(3, 5)))
                .build();

        assertThat(CommandFromAvro.input(record, NOW)).isInstanceOfSatisfying(Input.CommandReceived.class, input ->
                assertThat(input.command().order()).isInstanceOfSatisfying(Order.Connect.class, connect -> {
                    assertThat(connect.flowsPerPair()).isEqualTo(4);
                    assertThat(connect.close()).containsExactly(3, 5);
                    assertThat(connect.targets().getFirst().firstCandidateId()).isEqualTo(16);
                    assertThat(connect.targets().getFirst().count()).isEqualTo(8);
                }));
    }

    @Test
    void sourcePortsComeInTheOrderOfTheCandidates() {
        assertThat(CommandFromAvro.input(connectFrom(2, List.of(41_000, 40_000)), NOW))
                .isInstanceOfSatisfying(Input.CommandReceived.class, input ->
                        assertThat(input.command().order())
                                .isInstanceOfSatisfying(Order.Connect.class, connect ->
                                        assertThat(connect.targets().getFirst().sourcePorts())
                                                .containsExactly(41_000, 40_000)));
    }

    @Test
    void sourcePortsThatDoNotFitTheirCandidatesAreMalformed() {
        assertThat(CommandFromAvro.input(connectFrom(3, List.of(41_000, 40_000)), NOW))
                .isInstanceOfSatisfying(Input.CommandMalformed.class, input ->
                        assertThat(input.message()).contains("2 source_ports for 3 candidates"));
        assertThat(CommandFromAvro.input(connectFrom(1, List.of(65_536)), NOW))
                .isInstanceOfSatisfying(Input.CommandMalformed.class, input ->
                        assertThat(input.message()).contains("65536", "1 to 65535"));
    }

    private static HostCommand connectFrom(int candidates, List<Integer> ports) {
        return command(HostCommandType.CONNECT)
                .setConnect(new ConnectCommand(
                        ByteBuffer.allocate(32),
                        List.of(new ConnectTarget("host-b", "10.0.0.2", 7411, "10.0.0.1", 0, candidates, ports)),
                        spec().build(),
                        List.of()))
                .build();
    }

    @ParameterizedTest
    @EnumSource(names = {"EXPECT", "CONNECT", "ASSIGN", "UNKNOWN"})
    void aCommandWithoutItsPartIsMalformedAndSaysWhatIsMissing(HostCommandType type) {
        assertThat(CommandFromAvro.input(command(type).build(), NOW))
                .isInstanceOfSatisfying(Input.CommandMalformed.class, input -> {
                    assertThat(input.commandId()).isEqualTo("c1");
                    assertThat(input.epoch()).isEqualTo(9);
                    assertThat(input.message()).containsAnyOf("is missing", "unknown to this daemon");
                });
    }

    @Test
    void aKeyOfTheWrongLengthIsMalformedAndNotInTheMessage() {
        byte[] key = "secret".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        HostCommand record = command(HostCommandType.EXPECT)
                .setExpect(new ExpectCommand(ByteBuffer.wrap(key), 8))
                .build();

        assertThat(CommandFromAvro.input(record, NOW)).isInstanceOfSatisfying(Input.CommandMalformed.class, input ->
                assertThat(input.message()).contains("6 bytes", "32").doesNotContain("secret"));
    }

    @Test
    void anEndWithoutAReportKeepsItsOutcomeAndItsIntervals() {
        News news = new News.Ended(
                new RunRef("r", 2),
                new EndedFlow(
                        new FlowEndId("r.0", Role.SOURCE),
                        EndOutcome.WORKER_LOST,
                        "the worker process is gone",
                        null,
                        new Accounting(3, 1, 2, 1, "receive CPU was 3, lane is {1}, from interval 7", null),
                        11));

        HostEvent event = new EventToAvro("host-a", "i1").event(news, 9, NOW, -5L);

        assertThat(event.getEventType()).isEqualTo(HostEventType.ENDED);
        assertThat(event.getAttempt()).isEqualTo(2);
        assertThat(event.getBrokerClockOffsetNs()).isEqualTo(-5);
        assertThat(event.getEnded()).isNotNull().satisfies(ended -> {
            assertThat(ended.getOutcome()).isEqualTo(dev.flowlane.avro.EndOutcome.WORKER_LOST);
            assertThat(ended.getIntervalsExpected()).isEqualTo(11);
            assertThat(ended.getIntervalsPublished()).isEqualTo(3);
            assertThat(ended.getIntervalsDropped()).isEqualTo(1);
            assertThat(ended.getMeasuredIntervals()).isEqualTo(2);
            assertThat(ended.getDriftedIntervals()).isEqualTo(1);
            assertThat(ended.getDriftReason()).isEqualTo("receive CPU was 3, lane is {1}, from interval 7");
            assertThat(ended.getSentBytes()).isZero();
        });
    }

    @Test
    void aDriftSaysOfWhichEndSinceWhenAndWhatWasSeen() {
        FlowEndId end = new FlowEndId("r.0", Role.DESTINATION);
        News news = new News.Drifted(
                new RunRef("r", 2), new LaneDrift(end, 7, true, LaneDrift.Kind.RECEIVE_CPU, "1", "3"));

        HostEvent event = new EventToAvro("host-b", "i1").event(news, 9, NOW, null);

        assertThat(event.getEventType()).isEqualTo(HostEventType.DRIFT);
        assertThat(event.getRunId()).isEqualTo("r");
        assertThat(event.getAttempt()).isEqualTo(2);
        assertThat(event.getDrift()).isEqualTo(new dev.flowlane.avro.LaneDrift(
                "r.0",
                dev.flowlane.avro.FlowRole.DESTINATION,
                7,
                true,
                dev.flowlane.avro.DriftKind.RECEIVE_CPU,
                "1",
                "3"));
    }

    private static HostCommand.Builder command(HostCommandType type) {
        return HostCommand.newBuilder()
                .setCommandType(type)
                .setCommandId("c1")
                .setHostId("host-b")
                .setRunId("r")
                .setCoordinatorEpoch(9);
    }

    private static RunSpec.Builder spec() {
        return RunSpec.newBuilder()
                .setSources(List.of("host-a"))
                .setDestinations(List.of("host-b"))
                .setTrafficKind(TrafficKind.STREAM)
                .setIoEngine(IoEngine.BLOCKING)
                .setDurationNs(1_000_000_000L);
    }
}
