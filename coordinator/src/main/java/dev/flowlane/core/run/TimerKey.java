package dev.flowlane.core.run;

/** Names of timers; arming one that is armed moves it. */
public sealed interface TimerKey {

    /** The bound of a run's phase. */
    record Phase(String runId, StateName phase) implements TimerKey {}

    /** The bound of a batch of candidates. */
    record Batch(String runId) implements TimerKey {}

    /** The earliest begin of a queued run. */
    record Due(String runId) implements TimerKey {}

    /** The lease of a host. */
    record Lease(String hostId) implements TimerKey {}
}
