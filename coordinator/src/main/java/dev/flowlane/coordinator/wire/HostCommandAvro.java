package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.Effect;
import dev.flowlane.core.run.HostOrder;
import dev.flowlane.core.run.OpaqueBytes;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;

/** Orders to daemons, on their way to the bus. */
public final class HostCommandAvro {
    private HostCommandAvro() {}

    /** The record of an order. */
    public static dev.flowlane.avro.HostCommand toAvro(Effect.SendHostCommand command) {
        dev.flowlane.avro.HostCommand.Builder record = dev.flowlane.avro.HostCommand.newBuilder()
                .setCommandType(type(command.order()))
                .setCommandId(command.commandId())
                .setHostId(command.hostId())
                .setRunId(command.runId())
                .setAttempt(command.attempt())
                .setCoordinatorEpoch(command.epoch())
                .setExpireTime(command.expiresAt());
        switch (command.order()) {
            case HostOrder.Expect(OpaqueBytes runKey, int candidatesMax) -> record.setExpect(
                    new dev.flowlane.avro.ExpectCommand(ByteBuffer.wrap(runKey.toArray()), candidatesMax));
            case HostOrder.Connect(
                    OpaqueBytes runKey,
                    List<HostOrder.ConnectTarget> targets,
                    RunSpec spec,
                    List<Integer> close) ->
                record.setConnect(new dev.flowlane.avro.ConnectCommand(
                        ByteBuffer.wrap(runKey.toArray()),
                        targets.stream().map(HostCommandAvro::target).toList(),
                        RunSpecAvro.toAvro(spec),
                        close));
            case HostOrder.Assign(RunSpec spec, List<HostOrder.Assignment> ends, @Nullable CpuSet housekeepingCpus) ->
                record.setAssign(new dev.flowlane.avro.AssignCommand(
                        RunSpecAvro.toAvro(spec),
                        ends.stream().map(HostCommandAvro::assignment).toList(),
                        housekeepingCpus == null ? null : housekeepingCpus.toString()));
            case HostOrder.Start() -> {}
            case HostOrder.Stop(String reason) -> record.setReason(reason);
            case HostOrder.Release(String reason) -> record.setReason(reason);
        }
        return record.build();
    }

    /** A record on {@code host-commands} that orders nothing. */
    public static dev.flowlane.avro.HostCommand toNobody(String hostId, long epoch) {
        return dev.flowlane.avro.HostCommand.newBuilder()
                .setCommandId("epoch-" + epoch)
                .setHostId(hostId)
                .setRunId("")
                .setCoordinatorEpoch(epoch)
                .build();
    }

    private static dev.flowlane.avro.HostCommandType type(HostOrder order) {
        return switch (order) {
            case HostOrder.Expect _ -> dev.flowlane.avro.HostCommandType.EXPECT;
            case HostOrder.Connect _ -> dev.flowlane.avro.HostCommandType.CONNECT;
            case HostOrder.Assign _ -> dev.flowlane.avro.HostCommandType.ASSIGN;
            case HostOrder.Start _ -> dev.flowlane.avro.HostCommandType.START;
            case HostOrder.Stop _ -> dev.flowlane.avro.HostCommandType.STOP;
            case HostOrder.Release _ -> dev.flowlane.avro.HostCommandType.RELEASE;
        };
    }

    private static dev.flowlane.avro.ConnectTarget target(HostOrder.ConnectTarget target) {
        return dev.flowlane.avro.ConnectTarget.newBuilder()
                .setDestinationHostId(target.destinationHostId())
                .setDestinationAddress(target.destinationAddress())
                .setDestinationPort(target.destinationPort())
                .setSourceAddress(target.sourceAddress())
                .setFirstCandidateId(target.firstCandidateId())
                .setCandidateCount(target.candidateCount())
                .setSourcePorts(target.sourcePorts())
                .build();
    }

    private static dev.flowlane.avro.FlowEndAssignment assignment(HostOrder.Assignment assignment) {
        return dev.flowlane.avro.FlowEndAssignment.newBuilder()
                .setFlowId(assignment.flowId())
                .setFlowRole(FlowEndAvro.role(assignment.role()))
                .setCandidateId(assignment.candidateId())
                .setApplicationCpu(assignment.applicationCpu())
                .setPeerApplicationCpu(assignment.peerApplicationCpu())
                .setPeerHostId(assignment.peerHostId())
                .build();
    }
}
