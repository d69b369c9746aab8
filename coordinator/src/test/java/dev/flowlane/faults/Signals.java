package dev.flowlane.faults;

/** Signals to processes, by their names. */
final class Signals {
    private Signals() {}

    static void send(String signal, long pid) {
        Command.run("kill", "-" + signal, Long.toString(pid));
    }

    /** Whether a process is there and not only waits for its parent to notice its end. */
    static boolean alive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }
}
