package dev.flowlane.worker;

import dev.flowlane.posix.Rusage;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the thread that asks has had of its CPU since it began, at the last look; allocates nothing. */
final class ThreadUsage {
    private final MemorySegment usage = Arena.global().allocate(Rusage.SIZE_BYTES, Long.BYTES);

    long userNs;
    long systemNs;
    long involuntarySwitches;

    /** Looks. */
    void read() {
        Rusage.readThread(usage, 0);
        userNs = Rusage.userNs(usage, 0);
        systemNs = Rusage.systemNs(usage, 0);
        involuntarySwitches = Rusage.involuntarySwitches(usage, 0);
    }
}
