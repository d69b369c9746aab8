package dev.flowlane.coordinator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A command that is run when this process has ended without having closed this: for what outlives its processes, or is
 * meant to outlive the one that started it. Killing a test does not keep it from being run.
 */
public final class LastWill implements AutoCloseable {
    /** A line means that it is not wanted any more; the end of the file, which the kernel sends, that we are gone. */
    private static final String HEIR = "read -r _ || exec \"$@\"";

    private final Process heir;

    private LastWill(Process heir) {
        this.heir = heir;
    }

    /**
     * Makes one.
     *
     * @param environment variables of the command, on top of this process's own
     */
    public static LastWill of(Map<String, String> environment, String... command) {
        // In a session of its own, Ctrl-C and what else ends a whole group of processes do not end it.
        List<String> words = new ArrayList<>(List.of("setsid", "sh", "-c", HEIR, "heir"));
        words.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        try {
            return new LastWill(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Revokes it. */
    @Override
    public void close() {
        try (var input = heir.outputWriter()) {
            input.write("\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        heir.onExit().join();
    }
}
