package dev.flowlane.daemon;

import java.io.Serial;

/** The daemon cannot start; the message says what, where and what to do. */
final class StartupException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private StartupException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** An option is wrong. */
    static StartupException usage(String message) {
        return new StartupException(HostDaemonMain.EXIT_USAGE, message);
    }

    /** This machine does not have what is needed. */
    static StartupException preflight(String message) {
        return new StartupException(HostDaemonMain.EXIT_PREFLIGHT, message);
    }

    int exitCode() {
        return exitCode;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
