package dev.flowlane.core.run;

/** Names of a run's states as the bus knows them. The last seven are terminal. */
public enum StateName {
    QUEUED,
    CONNECTING,
    PLACED,
    RUNNING,
    FINISHING,
    COMPLETED,
    DISTURBED,
    PARTIAL,
    FAILED,
    CANCELLED,
    REJECTED,
    EXPIRED;

    /** Whether a run in this state never changes again. */
    public boolean terminal() {
        return compareTo(FINISHING) > 0;
    }
}
