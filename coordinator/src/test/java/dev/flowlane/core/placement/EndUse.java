package dev.flowlane.core.placement;

/** The CPUs of one end of a flow, for checks; -1 for unpinned, or for a receive CPU that only shows later. */
record EndUse(HostCpus host, boolean isSource, Steering steering, int application, int receive) {
    String machineId() {
        return host.machineId();
    }

    boolean hashed() {
        return steering == Steering.HASHED && receive >= 0;
    }

    /** On its receive CPU, where hashing decides. */
    EndUse straight() {
        return hashed() ? new EndUse(host, isSource, steering, receive, receive) : this;
    }
}
