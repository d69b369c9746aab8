package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.CandidateReport;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.EndReport;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.Input;
import dev.flowlane.core.run.LaneDrift;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What daemons tell, on its way from the bus. */
public final class HostEventAvro {
    private HostEventAvro() {}

    /** The word in a record. */
    public static Read<Input> fromAvro(dev.flowlane.avro.HostEvent record) {
        return switch (record.getEventType()) {
            case HELLO -> new Read.Value<>(new Input.HostHello(
                    record.getHostId(),
                    record.getInstanceId(),
                    record.getEventTime(),
                    Set.copyOf(record.getLiveRunIds()),
                    record.getWarmWorkers(),
                    record.getBrokerClockOffsetNs()));
            case HEARTBEAT -> new Read.Value<>(new Input.HostHeartbeat(
                    record.getHostId(),
                    record.getInstanceId(),
                    record.getEventTime(),
                    Set.copyOf(record.getLiveRunIds()),
                    record.getWarmWorkers(),
                    record.getBrokerClockOffsetNs()));
            case GOODBYE -> new Read.Value<>(
                    new Input.HostGoodbye(record.getHostId(), record.getInstanceId(), record.getEventTime()));
            case CANDIDATES, READY, ENDED, DRIFT, REFUSED -> ofRun(record);
            case UNKNOWN -> unreadable(record, "says nothing that this version knows");
        };
    }

    private static Read<Input> ofRun(dev.flowlane.avro.HostEvent record) {
        @Nullable String runId = record.getRunId();
        if (runId == null) {
            return unreadable(record, "does not name its run");
        }
        return switch (record.getEventType()) {
            case CANDIDATES -> candidates(record, runId);
            case READY -> ready(record, runId);
            case ENDED -> ended(record, runId);
            case DRIFT -> drifted(record, runId);
            case REFUSED -> refused(record, runId);
            case HELLO, HEARTBEAT, GOODBYE, UNKNOWN -> throw new IllegalStateException("not about a run");
        };
    }

    private static Read<Input> candidates(dev.flowlane.avro.HostEvent record, String runId) {
        List<CandidateReport> reports = new ArrayList<>();
        for (dev.flowlane.avro.Candidate candidate : record.getCandidates()) {
            FlowRole role = FlowEndAvro.role(candidate.getFlowRole());
            if (role == null) {
                return unreadable(record, "does not say of which end candidate " + candidate.getCandidateId() + " is");
            }
            reports.add(new CandidateReport(
                    candidate.getCandidateId(),
                    role,
                    candidate.getReceiveCpu(),
                    ClaimAvro.steering(candidate.getSteering()),
                    candidate.getLocalAddress(),
                    candidate.getLocalPort(),
                    candidate.getRemoteAddress(),
                    candidate.getRemotePort(),
                    candidate.getFailure()));
        }
        return new Read.Value<>(new Input.CandidatesReported(
                record.getHostId(),
                record.getInstanceId(),
                record.getEventTime(),
                runId,
                record.getAttempt(),
                reports));
    }

    private static Read<Input> ready(dev.flowlane.avro.HostEvent record, String runId) {
        List<EndLane> lanes = new ArrayList<>();
        for (dev.flowlane.avro.FlowEndLane ready : record.getReady()) {
            EndLane lane = FlowEndAvro.fromAvro(ready);
            if (lane == null) {
                return unreadable(record, "does not say which end of " + Quoted.text(ready.getFlowId()) + " is ready");
            }
            lanes.add(lane);
        }
        return new Read.Value<>(new Input.FlowEndsReady(
                record.getHostId(),
                record.getInstanceId(),
                record.getEventTime(),
                runId,
                record.getAttempt(),
                lanes));
    }

    private static Read<Input> ended(dev.flowlane.avro.HostEvent record, String runId) {
        dev.flowlane.avro.@Nullable EndReport ended = record.getEnded();
        EndReport report = ended == null ? null : FlowEndAvro.fromAvro(ended);
        if (report == null) {
            return unreadable(record, "does not say which flow end has ended");
        }
        return new Read.Value<>(new Input.FlowEndEnded(
                record.getHostId(),
                record.getInstanceId(),
                record.getEventTime(),
                runId,
                record.getAttempt(),
                report));
    }

    private static Read<Input> drifted(dev.flowlane.avro.HostEvent record, String runId) {
        dev.flowlane.avro.@Nullable LaneDrift told = record.getDrift();
        LaneDrift drift = told == null ? null : FlowEndAvro.fromAvro(told);
        if (drift == null) {
            return unreadable(record, "does not say which flow end left what of its lane");
        }
        return new Read.Value<>(new Input.LaneDrifted(
                record.getHostId(),
                record.getInstanceId(),
                record.getEventTime(),
                runId,
                record.getAttempt(),
                drift));
    }

    private static Read<Input> refused(dev.flowlane.avro.HostEvent record, String runId) {
        dev.flowlane.avro.@Nullable Refusal refusal = record.getRefused();
        if (refusal == null) {
            return unreadable(record, "does not say what was refused");
        }
        return new Read.Value<>(new Input.CommandRefused(
                record.getHostId(),
                record.getInstanceId(),
                record.getEventTime(),
                runId,
                record.getAttempt(),
                refusal.getCommandId(),
                refusal.getCommandType(),
                refusal.getCode(),
                refusal.getMessage()));
    }

    private static Read<Input> unreadable(dev.flowlane.avro.HostEvent record, String why) {
        return new Read.Unreadable<>(
                record.getEventType() + " event of host " + Quoted.text(record.getHostId()) + " " + why);
    }
}
