package dev.flowlane.coordinator;

import dev.flowlane.avro.CpuPlacement;
import dev.flowlane.avro.FlowEndAssignment;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.Steering;

import java.time.Instant;

/** One interval of one flow end of a {@link LoadFleet}, which stayed in its lane and moved some bytes. */
record LoadInterval(HostCommand assign, FlowEndAssignment end, String hostId, int seq, long bytes, int receiveCpu) {
    FlowStats stats(Instant now) {
        boolean source = end.getFlowRole() == FlowRole.SOURCE;
        return FlowStats.newBuilder()
                .setRunId(assign.getRunId())
                .setFlowId(end.getFlowId())
                .setHostId(hostId)
                .setFlowRole(end.getFlowRole())
                .setSeq(seq)
                .setEventTime(now)
                .setWarmup(false)
                .setIntervalStartedNs(now.toEpochMilli() * 1_000_000)
                .setIntervalNs(assign.getAssign().getSpec().getReportIntervalNs())
                .setSentBytes(source ? bytes : 0)
                .setReceivedBytes(source ? 0 : bytes)
                .setSentBytesTotal(source ? bytes * (seq + 1) : 0)
                .setReceivedBytesTotal(source ? 0 : bytes * (seq + 1))
                .build();
    }

    CpuPlacement placement(Instant now) {
        return CpuPlacement.newBuilder()
                .setRunId(assign.getRunId())
                .setFlowId(end.getFlowId())
                .setHostId(hostId)
                .setFlowRole(end.getFlowRole())
                .setSeq(seq)
                .setEventTime(now)
                .setWarmup(false)
                .setIntervalStartedNs(now.toEpochMilli() * 1_000_000)
                .setIntervalNs(assign.getAssign().getSpec().getReportIntervalNs())
                .setPlannedApplicationCpu(end.getApplicationCpu())
                .setApplicationCpu(end.getApplicationCpu())
                .setApplicationCpus(Integer.toString(end.getApplicationCpu()))
                .setLaneReceiveCpu(receiveCpu)
                .setReceiveCpu(receiveCpu)
                .setAffinityCpus(Integer.toString(end.getApplicationCpu()))
                .setSteering(Steering.HASHED)
                .setDrifted(false)
                .setWorkerPid(1)
                .setThreadId(2)
                .build();
    }
}
