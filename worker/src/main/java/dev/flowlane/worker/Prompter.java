package dev.flowlane.worker;

import dev.flowlane.posix.ThreadInterrupt;

/**
 * Sees to it that a flow loop which sleeps inside a blocking call does what is due: cuts its intervals on time, and
 * notices Stop. Used by the control thread between two waits of its own. A loop that carries traffic attends to such
 * things by itself and is left alone.
 */
final class Prompter {
    /** How long a loop may be late before it is interrupted. */
    static final long GRACE_NS = 2_000_000;

    /** Time between two interrupts: one that arrives just before a call begins is lost. */
    static final long AGAIN_NS = 10_000_000;

    /**
     * Longest time until a loop is looked at again, whatever it says: what it has to do next may have become due
     * earlier since. It costs ten looks a second; a loop that slept through its end would cost the run.
     */
    static final long LOOK_NS = 100_000_000;

    /** As Epoll.await understands it. */
    static final long FOREVER_NS = -1;

    private final FlowRunner runner;

    Prompter(FlowRunner runner) {
        this.runner = runner;
    }

    /**
     * Interrupts the loop if it is late.
     *
     * @param threadId of the thread that runs the loop
     * @return how long from now it need not be looked at again, at most; {@link #FOREVER_NS} when there is nothing to
     *     look at
     */
    long prompt(Flow flow, int threadId) {
        FlowLoop loop = runner.sleeper();
        if (loop == null) {
            // Not begun (the runner wakes the control thread then), or over, or of an engine that sleeps for a tick.
            return FOREVER_NS;
        }
        long lateNs = System.nanoTime() - loop.attendAtNs;
        if (lateNs >= GRACE_NS || (flow.stopRequested() && !loop.stopping)) {
            ThreadInterrupt.interrupt(threadId);
            return AGAIN_NS;
        }
        return Math.min(GRACE_NS - lateNs, LOOK_NS);
    }
}
