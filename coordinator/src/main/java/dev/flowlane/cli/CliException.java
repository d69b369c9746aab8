package dev.flowlane.cli;

import org.jspecify.annotations.Nullable;

import java.io.Serial;
import java.util.List;

/** A command cannot go on: one message for a person, with what was found, what is allowed and what mends it. */
public final class CliException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    /** Never serialised: these exceptions do not leave the process. */
    private final transient List<String> mend;

    /**
     * @param exitCode the process's exit code, see {@link ExitCode}
     * @param message what went wrong and where, without a full stop at the end
     * @param mend what to do about it, one line each
     */
    private CliException(int exitCode, String message, List<String> mend, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.mend = List.copyOf(mend);
    }

    /** The command line or the spec is wrong. */
    static CliException usage(String message, String... mend) {
        return new CliException(ExitCode.USAGE, message, List.of(mend), null);
    }

    /** Something outside of the command is missing. */
    public static CliException preflight(String message, String... mend) {
        return new CliException(ExitCode.PREFLIGHT, message, List.of(mend), null);
    }

    /** The coordinator, or what is on the topics, says no. */
    static CliException rejected(String message, String... mend) {
        return new CliException(ExitCode.REJECTED, message, List.of(mend), null);
    }

    static CliException of(int exitCode, String message, @Nullable Throwable cause, String... mend) {
        return new CliException(exitCode, message, List.of(mend), cause);
    }

    int exitCode() {
        return exitCode;
    }

    List<String> mend() {
        return mend;
    }
}
