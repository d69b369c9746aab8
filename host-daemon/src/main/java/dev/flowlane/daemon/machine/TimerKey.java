package dev.flowlane.daemon.machine;

/** Names a timer: arming it again moves it. */
public sealed interface TimerKey {
    record Heartbeat() implements TimerKey {}

    /** Report the source candidates that are open so far. */
    record ReportOpened(RunRef run) implements TimerKey {}

    /** Report the accepted candidates: none came for a while. */
    record ReportAccepted(RunRef run) implements TimerKey {}

    /** Report the ready ends that there are. */
    record ReportReady(RunRef run) implements TimerKey {}

    /** The coordinator has been silent about a run that is not started. */
    record Abandoned(RunRef run) implements TimerKey {}

    /** Traffic must be over. */
    record RunDeadline(RunRef run) implements TimerKey {}

    /** Nobody released a run that is over. */
    record Forget(RunRef run) implements TimerKey {}

    /** A worker must be ready. */
    record Preparing(RunRef run, FlowEndId end) implements TimerKey {}

    /** A worker must have said something. */
    record Silent(RunRef run, FlowEndId end) implements TimerKey {}

    /** A worker that was told to stop must have ended. */
    record Stopping(RunRef run, FlowEndId end) implements TimerKey {}

    /** Kafka must have acknowledged the intervals. */
    record Settling(RunRef run, FlowEndId end) implements TimerKey {}

    /** A worker without a flow end must get warm. */
    record Warming(int workerId) implements TimerKey {}

    /** Workers may be started again after a failure. */
    record Respawn() implements TimerKey {}

    /** Surplus idle workers may go. */
    record Trim() implements TimerKey {}

    /** The daemon goes now, whatever is still open. */
    record ShutdownBound() implements TimerKey {}
}
