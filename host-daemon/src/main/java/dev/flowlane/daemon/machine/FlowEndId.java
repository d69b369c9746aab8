package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.Role;

/** One end of one flow. A host that talks to itself has both ends of a flow. */
public record FlowEndId(String flowId, Role role) {}
