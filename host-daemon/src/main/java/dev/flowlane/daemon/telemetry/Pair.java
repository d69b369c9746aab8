package dev.flowlane.daemon.telemetry;

import dev.flowlane.worker.protocol.Role;

/** What the flow ends of one run at this host have in common. A host that talks to itself has two pairs with itself. */
record Pair(String runId, Role role, String sourceHost, String destinationHost) {
    static Pair of(String runId, Role role, String host, String peer) {
        return role == Role.SOURCE ? new Pair(runId, role, host, peer) : new Pair(runId, role, peer, host);
    }

    /** Value of the label {@code end}. */
    String end() {
        return role == Role.SOURCE ? "source" : "destination";
    }

    /** Way of what this end sends, for the label {@code direction}. */
    String sends() {
        return role == Role.SOURCE ? "forward" : "reverse";
    }

    /** Way of what this end receives. */
    String receives() {
        return role == Role.SOURCE ? "reverse" : "forward";
    }
}
