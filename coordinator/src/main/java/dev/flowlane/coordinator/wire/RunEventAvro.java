package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.LaneDrift;
import dev.flowlane.core.run.RunEvent;
import dev.flowlane.core.run.StateName;

/** What users of a run are told, on its way to the bus. */
public final class RunEventAvro {
    private RunEventAvro() {}

    /** The record of an event. */
    public static dev.flowlane.avro.RunEvent toAvro(RunEvent event) {
        StateName state = event.state();
        RunEvent.AnswerCode code = event.code();
        LaneDrift drift = event.drift();
        return dev.flowlane.avro.RunEvent.newBuilder()
                .setRunId(event.runId())
                .setEventTime(event.at())
                .setEventType(type(event.type()))
                .setCommandId(event.commandId())
                .setCode(code == null ? null : code.name())
                .setState(state == null ? dev.flowlane.avro.RunStateName.UNKNOWN : RunAvro.state(state))
                .setHostId(event.hostId())
                .setFlowId(event.flowId())
                .setDrift(drift == null ? null : FlowEndAvro.toAvro(drift))
                .setMessage(event.message())
                .build();
    }

    private static dev.flowlane.avro.RunEventType type(RunEvent.Type type) {
        return switch (type) {
            case ANSWER -> dev.flowlane.avro.RunEventType.ANSWER;
            case STATE -> dev.flowlane.avro.RunEventType.STATE;
            case LANE_DRIFT -> dev.flowlane.avro.RunEventType.LANE_DRIFT;
            case HOST_LOST -> dev.flowlane.avro.RunEventType.HOST_LOST;
            case WARNING -> dev.flowlane.avro.RunEventType.WARNING;
        };
    }
}
