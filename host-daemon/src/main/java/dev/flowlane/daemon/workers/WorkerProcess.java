package dev.flowlane.daemon.workers;

import org.jspecify.annotations.Nullable;

/** One worker process and the connection to it. Belongs to the thread that hears workers. */
final class WorkerProcess {
    private static final int NO_FD = -1;

    /** As the JDK reports a process that was ended by a signal: 128 and the signal's number (UNIXProcess). */
    private static final int SIGNALLED = 128;

    private static final int SIGKILL = 9;

    final int workerId;
    final Process process;
    final ErrorOutput errors;
    int fd = NO_FD;
    boolean exited;

    /** Why the daemon ended it; null when it did not. */
    @Nullable String killedFor;

    WorkerProcess(int workerId, Process process, ErrorOutput errors) {
        this.workerId = workerId;
        this.process = process;
        this.errors = errors;
    }

    boolean isConnected() {
        return fd != NO_FD;
    }

    void disconnected() {
        fd = NO_FD;
    }

    /**
     * How it ended, for a person.
     *
     * @param outOfMemoryKills how many processes the kernel has just killed on this machine because memory ran out
     */
    String lastWords(long outOfMemoryKills) {
        int code = process.exitValue();
        String how = "process " + process.pid() + " ended with " + exitText(code);
        if (killedFor != null) {
            how += ", killed by the daemon: " + killedFor;
        }
        if (killedFor == null && code == SIGNALLED + SIGKILL && outOfMemoryKills > 0) {
            how += ", most likely by the kernel because memory ran out: it killed " + outOfMemoryKills
                    + (outOfMemoryKills == 1 ? " process" : " processes") + " for that just now; dmesg names them, and"
                    + " the memory limit of the daemon's cgroup holds for its workers, too";
        }
        String tail = errors.takeTail();
        return tail.isEmpty() ? how : how + "; it wrote: " + tail;
    }

    static String exitText(int code) {
        return switch (code) {
            case SIGNALLED + 6 -> "signal SIGABRT";
            case SIGNALLED + 7 -> "signal SIGBUS";
            case SIGNALLED + SIGKILL -> "signal SIGKILL";
            case SIGNALLED + 11 -> "signal SIGSEGV";
            case SIGNALLED + 15 -> "signal SIGTERM";
            // -XX:+ExitOnOutOfMemoryError
            case 3 -> "exit code 3 (out of memory)";
            default -> code > SIGNALLED ? "signal " + (code - SIGNALLED) : "exit code " + code;
        };
    }
}
