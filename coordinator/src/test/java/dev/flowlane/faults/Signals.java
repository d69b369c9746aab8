package dev.flowlane.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Signals to processes, by their names, and what the kernel says of them. */
final class Signals {
    /** State 01 of /proc/net/tcp (include/net/tcp_states.h). */
    private static final String ESTABLISHED = "01";

    private static final int STATE_COLUMN = 3;
    private static final int INODE_COLUMN = 9;

    private Signals() {}

    static void send(String signal, long pid) {
        Command.run("kill", "-" + signal, Long.toString(pid));
    }

    /** To one that may end at any moment. */
    static void sendUnlessGone(String signal, long pid) {
        Command.run("sh", "-c", "kill -" + signal + " " + pid + " || ! kill -0 " + pid);
    }

    /** Whether a process is there and not only waits for its parent to notice its end. */
    static boolean alive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    /** Takes away a control group when the process in it has ended; the kernel keeps the group until all of it has. */
    static void awaitEndAndDelete(long pid, Path group) {
        await("the end of " + pid).atMost(FaultFleet.PATIENCE).until(() -> !alive(pid));
        await(group + " to be empty").atMost(FaultFleet.PATIENCE).ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> Files.deleteIfExists(group));
    }

    /** Whether a process has a TCP connection that neither end has closed; not when it is gone. */
    static boolean connected(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            Set<String> established = Stream.of("tcp", "tcp6")
                    .flatMap(table -> lines(process.resolve("net").resolve(table)).stream().skip(1))
                    .map(line -> line.strip().split("\\s+"))
                    .filter(columns -> columns[STATE_COLUMN].equals(ESTABLISHED))
                    .map(columns -> "socket:[" + columns[INODE_COLUMN] + "]")
                    .collect(Collectors.toSet());
            return descriptors.anyMatch(descriptor -> established.contains(target(descriptor)));
        } catch (IOException e) {
            return false; // It has gone.
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // Closed meanwhile.
        }
    }
}
