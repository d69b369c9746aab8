package dev.flowlane.daemon.machine;

/** One worker process as the machine sees it. */
sealed interface Worker {

    /** Started, or done with a flow end, and not warm yet. */
    record Warming() implements Worker {}

    record Idle(int pid) implements Worker {}

    record Busy(int pid, RunRef run, FlowEndId end) implements Worker {}

    /** Its run was released before it began: it is to report that and get warm again. */
    record Released(int pid) implements Worker {}

    /** Killed or retired. */
    record Dying() implements Worker {}
}
