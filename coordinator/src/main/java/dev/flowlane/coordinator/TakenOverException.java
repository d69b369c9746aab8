package dev.flowlane.coordinator;

import java.io.Serial;

/** Another coordinator has fenced this one. It must not decide any more. */
final class TakenOverException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    TakenOverException(long epoch) {
        super("another coordinator with epoch " + epoch + " took over");
    }
}
