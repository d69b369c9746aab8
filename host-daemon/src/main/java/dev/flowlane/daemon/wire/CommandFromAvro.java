package dev.flowlane.daemon.wire;

import dev.flowlane.avro.Arrival;
import dev.flowlane.avro.AssignCommand;
import dev.flowlane.avro.ConnectCommand;
import dev.flowlane.avro.ConnectTarget;
import dev.flowlane.avro.ExpectCommand;
import dev.flowlane.avro.FlowEndAssignment;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.IoEngine;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.daemon.machine.Command;
import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.Course;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.PortRange;
import dev.flowlane.worker.protocol.RingSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TlsSettings;
import dev.flowlane.worker.protocol.TrafficKind;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** Commands as the machine takes them. A record that makes no sense becomes a malformed command, never an exception. */
public final class CommandFromAvro {
    private static final int BITS_PER_BYTE = 8;
    private static final int PORT_MAX = 65_535;

    private CommandFromAvro() {}

    /**
     * What the machine is given for a command record.
     *
     * @param brokerTime the broker's clock now, as well as it is known
     */
    public static Input input(HostCommand record, Instant brokerTime) {
        try {
            return new Input.CommandReceived(
                    new Command(
                            record.getCommandId(),
                            record.getRunId(),
                            record.getAttempt(),
                            record.getCoordinatorEpoch(),
                            record.getExpireTime(),
                            order(record)),
                    brokerTime);
        } catch (IllegalArgumentException e) {
            return new Input.CommandMalformed(
                    record.getCommandId(),
                    record.getCommandType().name(),
                    record.getRunId(),
                    record.getAttempt(),
                    record.getCoordinatorEpoch(),
                    String.valueOf(e.getMessage()));
        }
    }

    private static Order order(HostCommand record) {
        String reason = record.getReason() == null ? "no reason was given" : record.getReason();
        return switch (record.getCommandType()) {
            case EXPECT -> expect(present(record.getExpect(), "expect"));
            case CONNECT -> connect(present(record.getConnect(), "connect"));
            case ASSIGN -> assign(present(record.getAssign(), "assign"));
            case START -> new Order.Start();
            case STOP -> new Order.Stop(reason);
            case RELEASE -> new Order.Release(reason);
            case UNKNOWN ->
                throw new IllegalArgumentException(
                        "its type is unknown to this daemon; is the coordinator of a newer version?");
        };
    }

    private static Order expect(ExpectCommand expect) {
        return new Order.Expect(key(expect.getRunKey()), expect.getCandidatesMax());
    }

    private static Order connect(ConnectCommand connect) {
        return new Order.Connect(
                key(connect.getRunKey()),
                connect.getTargets().stream().map(CommandFromAvro::target).toList(),
                socket(connect.getSpec()),
                kind(connect.getSpec()).datagrams(),
                Math.ceilDiv(connect.getSpec().getFlowsPerPair(), Math.max(1, connect.getSpec().getFlowsPerWorker())),
                connect.getCloseCandidateIds());
    }

    private static Order.Target target(ConnectTarget target) {
        List<Integer> ports = target.getSourcePorts();
        if (!ports.isEmpty() && ports.size() != target.getCandidateCount()) {
            throw new IllegalArgumentException(
                    ports.size() + " source_ports for " + target.getCandidateCount() + " candidates");
        }
        for (int port : ports) {
            if (port < 1 || port > PORT_MAX) {
                throw new IllegalArgumentException("source_ports has " + port + ", allowed is 1 to " + PORT_MAX);
            }
        }
        return new Order.Target(
                target.getDestinationHostId(),
                new Endpoint(target.getDestinationAddress(), target.getDestinationPort()),
                target.getSourceAddress(),
                target.getFirstCandidateId(),
                target.getCandidateCount(),
                ports);
    }

    private static Order assign(AssignCommand assign) {
        String housekeeping = assign.getHousekeepingCpus();
        return new Order.Assign(
                assign.getFlowEnds().stream().map(CommandFromAvro::assignment).toList(),
                settings(assign.getSpec()),
                housekeeping == null ? null : CpuSet.parse(housekeeping));
    }

    private static Order.Assignment assignment(FlowEndAssignment end) {
        return new Order.Assignment(
                new FlowEndId(end.getFlowId(), role(end.getFlowRole())),
                end.getCandidateId(),
                end.getApplicationCpu(),
                end.getPeerApplicationCpu(),
                end.getPeerHostId());
    }

    private static FlowSettings settings(RunSpec spec) {
        refuseDevices(spec);
        TrafficKind kind = kind(spec);
        return new FlowSettings(
                kind,
                messageBytes(kind, spec),
                spec.getResponseBytes(),
                spec.getOutstanding(),
                pace(spec),
                spec.getDurationNs(),
                spec.getWarmupNs(),
                spec.getReportIntervalNs(),
                engine(spec.getIoEngine()),
                new RingSettings(spec.getMultishotReceive(), spec.getRegisteredBuffers()),
                spec.getReadBytes(),
                spec.getWriteBytes(),
                spec.getValidatePayload(),
                spec.getTruncateReceive(),
                spec.getZerocopySend(),
                spec.getZerocopyReceive(),
                spec.getHugePages(),
                tls(spec),
                socket(spec),
                FlowSettings.DEFAULT_DRAIN_TIMEOUT_NS,
                FlowSettings.DEFAULT_SETTLE_TIMEOUT_NS,
                course(spec),
                kind.datagrams() ? datagrams(spec) : null,
                spec.getReceiveTimestamps(),
                spec.getFlowsPerWorker());
    }

    private static Course course(RunSpec spec) {
        Long bytes = spec.getMostBytes();
        Long messages = spec.getMostMessages();
        return new Course(
                spec.getReverse(),
                bytes == null ? 0 : bytes,
                messages == null ? 0 : messages,
                spec.getResetClose(),
                ports(spec));
    }

    private static @Nullable PortRange ports(RunSpec spec) {
        Integer first = spec.getConnectionPortFirst();
        Integer last = spec.getConnectionPortLast();
        return first == null || last == null ? null : new PortRange(first, last);
    }

    /** The coordinator rejects them by this host's own record; whoever else commands is told the same. */
    private static void refuseDevices(RunSpec spec) {
        switch (spec.getReceiveMemory()) {
            case HOST -> {}
            case DEVMEM, IO_URING_ZEROCOPY, UNKNOWN ->
                throw new IllegalArgumentException("spec.receive_memory is " + spec.getReceiveMemory()
                        + ", but this daemon has no data path through such a device");
        }
        if (spec.getPsp()) {
            throw new IllegalArgumentException("spec.psp is set, but this daemon has no data path through PSP");
        }
    }

    private static @Nullable TlsSettings tls(RunSpec spec) {
        var tls = spec.getTls();
        return tls == null
                ? null
                : new TlsSettings(
                        switch (tls.getDirections()) {
                            case SEND -> TlsSettings.Directions.SEND;
                            case RECEIVE -> TlsSettings.Directions.RECEIVE;
                            case BOTH -> TlsSettings.Directions.BOTH;
                            case UNKNOWN -> throw notKnown("spec.tls.directions");
                        },
                        switch (tls.getVersion()) {
                            case TLS_1_2 -> TlsSettings.Version.TLS_1_2;
                            case TLS_1_3 -> TlsSettings.Version.TLS_1_3;
                            case UNKNOWN -> throw notKnown("spec.tls.version");
                        },
                        switch (tls.getCipher()) {
                            case AES_GCM_128 -> TlsSettings.Cipher.AES_GCM_128;
                            case AES_GCM_256 -> TlsSettings.Cipher.AES_GCM_256;
                            case CHACHA20_POLY1305 -> TlsSettings.Cipher.CHACHA20_POLY1305;
                            case UNKNOWN -> throw notKnown("spec.tls.cipher");
                        },
                        tls.getNoPad());
    }

    /** Of a request, or of a datagram stream's messages. */
    private static int messageBytes(TrafficKind kind, RunSpec spec) {
        return kind == TrafficKind.DATAGRAM_STREAM ? spec.getMessageBytes() : spec.getRequestBytes();
    }

    private static DatagramSettings datagrams(RunSpec spec) {
        Long timeoutNs = spec.getRequestTimeoutNs();
        Boolean offload = spec.getSegmentationOffload();
        return new DatagramSettings(
                timeoutNs == null ? DatagramSettings.DEFAULT.timeoutNs() : timeoutNs,
                offload == null
                        ? DatagramSettings.Offload.AUTO
                        : offload ? DatagramSettings.Offload.ON : DatagramSettings.Offload.OFF);
    }

    private static SocketOptions socket(RunSpec spec) {
        Long pacing = spec.getMaxPacingBitsPerSecond();
        return new SocketOptions(
                spec.getTcpNodelay(),
                spec.getCongestionControl(),
                pacing == null ? null : Long.valueOf(Math.max(1, pacing / BITS_PER_BYTE)),
                spec.getSendBufferBytes(),
                spec.getReceiveBufferBytes(),
                spec.getMaxSegmentBytes(),
                spec.getDscp(),
                spec.getFlowLabel(),
                spec.getQuickAck(),
                spec.getUserTimeoutMs(),
                spec.getNotSentLowWaterBytes(),
                spec.getSourceDevice(),
                spec.getDestinationDevice());
    }

    private static @Nullable Pace pace(RunSpec spec) {
        Long messages = spec.getRateMessagesPerSecond();
        Long bits = spec.getRateBitsPerSecond();
        if (messages == null && bits == null) {
            return null;
        }
        int messageBytes =
                switch (kind(spec)) {
                    case STREAM, BIDIRECTIONAL -> spec.getWriteBytes();
                    case REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE -> spec.getRequestBytes();
                    case DATAGRAM_STREAM, DATAGRAM_REQUEST_RESPONSE -> messageBytes(kind(spec), spec);
                };
        double perSecond = messages != null ? messages : (double) bits / BITS_PER_BYTE / messageBytes;
        return new Pace(arrival(spec.getArrival()), perSecond, spec.getSeed(), spec.getBurst());
    }

    private static Pace.Arrival arrival(Arrival arrival) {
        return switch (arrival) {
            case CONSTANT -> Pace.Arrival.CONSTANT;
            case POISSON -> Pace.Arrival.POISSON;
            case UNKNOWN -> throw notKnown("spec.arrival");
        };
    }

    private static TrafficKind kind(RunSpec spec) {
        return switch (spec.getTrafficKind()) {
            case STREAM -> TrafficKind.STREAM;
            case REQUEST_RESPONSE -> TrafficKind.REQUEST_RESPONSE;
            case BIDIRECTIONAL -> TrafficKind.BIDIRECTIONAL;
            case CONNECT_REQUEST_RESPONSE -> TrafficKind.CONNECT_REQUEST_RESPONSE;
            case DATAGRAM_STREAM -> TrafficKind.DATAGRAM_STREAM;
            case DATAGRAM_REQUEST_RESPONSE -> TrafficKind.DATAGRAM_REQUEST_RESPONSE;
            case UNKNOWN -> throw notKnown("spec.traffic_kind");
        };
    }

    private static Engine engine(IoEngine engine) {
        return switch (engine) {
            case BLOCKING -> Engine.BLOCKING;
            case EPOLL -> Engine.EPOLL;
            case BUSY_POLL -> Engine.BUSY_POLL;
            case IO_URING -> Engine.IO_URING;
            case UNKNOWN -> throw notKnown("spec.io_engine");
        };
    }

    private static Role role(FlowRole role) {
        return switch (role) {
            case SOURCE -> Role.SOURCE;
            case DESTINATION -> Role.DESTINATION;
            case UNKNOWN -> throw notKnown("flow_role");
        };
    }

    private static RunKey key(ByteBuffer bytes) {
        byte[] secret = new byte[bytes.remaining()];
        bytes.duplicate().get(secret);
        return new RunKey(Bytes.copyOf(secret));
    }

    private static <T> T present(@Nullable T part, String name) {
        if (part == null) {
            throw new IllegalArgumentException("its part '" + name + "' is missing");
        }
        return part;
    }

    private static IllegalArgumentException notKnown(String field) {
        return new IllegalArgumentException(
                field + " is unknown to this daemon; is the coordinator of a newer version?");
    }
}
