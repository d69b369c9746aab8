package dev.flowlane.worker.protocol;

/** Bytes that are not a message; the text says what is wrong and at which byte. */
public final class MalformedMessageException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedMessageException(String what, int offset) {
        super(what + " at byte " + offset);
    }
}
