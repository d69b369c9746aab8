package dev.flowlane.bus;

import java.io.Serial;

/** Kafka did not do what was asked; the message names the call, the topic or address, and the reason. */
public final class BusException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    BusException(String message) {
        super(message);
    }

    BusException(String message, Throwable cause) {
        super(message, cause);
    }
}
