package dev.flowlane.worker;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.PosixException;

import java.io.File;

/** The threads of this process that do not carry traffic: compilers, collector, control. */
final class OtherThreads {
    private OtherThreads() {}

    /** Moves every thread of this process but one; threads they start later inherit it. */
    static void moveTo(CpuSet cpus, int exceptThreadId) {
        String[] names = new File("/proc/self/task").list();
        if (names == null) {
            throw new IllegalStateException("/proc/self/task cannot be read");
        }
        for (String name : names) {
            int threadId = Integer.parseInt(name);
            if (threadId != exceptThreadId) {
                move(threadId, cpus);
            }
        }
    }

    private static void move(int threadId, CpuSet cpus) {
        try {
            Affinity.set(threadId, cpus);
        } catch (PosixException e) {
            // A thread may end while we look: compiler threads come and go.
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }
}
