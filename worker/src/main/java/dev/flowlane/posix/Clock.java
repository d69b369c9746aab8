package dev.flowlane.posix;

/** The wall clock to the nanosecond; for lengths of time there is {@link System#nanoTime}. */
public final class Clock {
    private Clock() {}

    /** CLOCK_REALTIME: nanoseconds since 1970, until the year 2262. Allocates nothing; no system call (vDSO). */
    public static long realtimeNs() {
        CallState state = CallState.current();
        long timespec = state.address(CallState.TIMESPEC);
        PosixException.check("clock_gettime", ThreadCalls.clockGettime(ThreadCalls.CLOCK_REALTIME, timespec));
        return state.getLong(CallState.TIMESPEC) * 1_000_000_000L + state.getLong(CallState.TIMESPEC + 8);
    }
}
