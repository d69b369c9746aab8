package dev.flowlane.core.check;

import dev.flowlane.core.run.FlowRole;

/** One end of one flow; a flow id never stands for two connections that carried traffic. */
record FlowEndName(String runId, String flowId, FlowRole role) {
    @Override
    public String toString() {
        return "flow " + flowId + " " + role;
    }
}
