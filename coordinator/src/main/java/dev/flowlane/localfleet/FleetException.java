package dev.flowlane.localfleet;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;

/** The local fleet could not be started, used or stopped; the message is for a person and comes with its mend. */
public final class FleetException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Never serialised: these exceptions do not leave the process. */
    private final transient List<String> mend;

    FleetException(String message, @Nullable Throwable cause, String... mend) {
        super(message, cause);
        this.mend = List.of(mend);
    }

    /** What to do about it, one line each. */
    public List<String> mend() {
        return mend;
    }

    /** Reason of an I/O failure without the file name that Java puts before it, which the message already has. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }
}
