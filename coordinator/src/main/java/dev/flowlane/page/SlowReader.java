package dev.flowlane.page;

/**
 * Decides what becomes of a client that takes its events too slowly. What it missed is not kept for it, as the next
 * event shows everything anew; when it has taken nothing for a while, it is dropped. Not thread-safe.
 */
public final class SlowReader {
    /** Longest time that a client may take to read what is under way: 10 s. */
    public static final long PATIENCE_NS = 10_000_000_000L;

    private boolean slow;
    private long slowSinceNs;

    /** What to do now. */
    public enum Verdict {
        /** It has read enough: send. */
        SEND,
        /** It has too much unread: this event is left out. */
        SKIP,
        /** It has had too much unread for too long: close its connection. */
        DROP
    }

    /**
     * Decides for one event.
     *
     * @param full whether more is under way to it than its buffer may hold
     * @param nowNs of a monotonic clock
     */
    public Verdict decide(boolean full, long nowNs) {
        if (!full) {
            slow = false;
            return Verdict.SEND;
        }
        if (!slow) {
            slow = true;
            slowSinceNs = nowNs;
        }
        return nowNs - slowSinceNs > PATIENCE_NS ? Verdict.DROP : Verdict.SKIP;
    }
}
