package dev.flowlane.core.placement;

/** The CPUs of both ends of a flow, for checks. */
record FlowUse(EndUse source, EndUse destination) {
    boolean sameMachine() {
        return source.machineId().equals(destination.machineId());
    }

    FlowUse straight() {
        return new FlowUse(source.straight(), destination.straight());
    }
}
