package dev.flowlane.worker;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.Niceness;
import dev.flowlane.posix.PosixException;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntConsumer;

/** The threads of this process that do not carry traffic: compilers, collector, control. */
final class OtherThreads {
    /**
     * What HotSpot calls the thread that collects garbage and does whatever else it has all others wait for. As long as
     * this one waits for a CPU they wait, too, the one that carries traffic among them: it must not yield to anyone.
     */
    private static final String STOPS_ALL_OTHERS = "VM Thread";

    private OtherThreads() {}

    /** Moves every thread of this process but one; threads they start later inherit it. */
    static void moveTo(CpuSet cpus, int exceptThreadId) {
        forEachBut(exceptThreadId, threadId -> Affinity.set(threadId, cpus));
    }

    /** Puts every thread of this process that can wait behind one of them wherever both want a CPU. */
    static void yieldTo(int ioThreadId) {
        forEachBut(ioThreadId, threadId -> {
            if (name(threadId).equals(STOPS_ALL_OTHERS)) {
                return;
            }
            try {
                Niceness.atLeast(threadId, Niceness.BEHIND_MEASUREMENTS);
            } catch (PosixException _) {
                // Ended, or a container's filter knows no niceness: the figures get noisier and stay true.
            }
        });
    }

    /** As in proc_pid_comm(5); empty when it has ended. */
    private static String name(int threadId) {
        try {
            return Files.readString(Path.of("/proc/self/task/" + threadId + "/comm")).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    /** A thread that one not yet changed starts meanwhile has inherited nothing: looks until there is no new one. */
    private static void forEachBut(int exceptThreadId, IntConsumer change) {
        Set<Integer> seen = new HashSet<>(Set.of(exceptThreadId));
        while (changeNew(seen, change)) {
            // again
        }
    }

    /** True when there were threads that had not been seen. */
    private static boolean changeNew(Set<Integer> seen, IntConsumer change) {
        String[] names = new File("/proc/self/task").list();
        if (names == null) {
            throw new IllegalStateException("/proc/self/task cannot be read");
        }
        boolean any = false;
        for (String name : names) {
            int threadId = Integer.parseInt(name);
            if (seen.add(threadId)) {
                any = true;
                try {
                    change.accept(threadId);
                } catch (PosixException e) {
                    // A thread may end while we look: compiler threads come and go.
                    if (e.errno() != Errno.ESRCH) {
                        throw e;
                    }
                }
            }
        }
        return any;
    }
}
