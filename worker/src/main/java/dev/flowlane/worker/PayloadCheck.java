package dev.flowlane.worker;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Compares what one direction of a flow received with the pattern and finds the mark in it. Before the measured window
 * everything is compared, because that is how the mark is found; in it only when the settings ask for it.
 */
final class PayloadCheck {
    /** Result of {@link #look} when there was no mark. */
    static final long NO_MARK = -1;

    private boolean markAwaited;
    private boolean comparing;
    private boolean compareInWindow;
    private long wrongAt;
    private long firstErrorOffset;

    /** @param mark whether this direction carries a mark */
    void begin(boolean mark, boolean validatePayload) {
        markAwaited = mark;
        comparing = true;
        compareInWindow = validatePayload;
        wrongAt = -1;
        firstErrorOffset = -1;
    }

    /** Another mark is to come, with bytes before it that are compared. */
    void awaitMark() {
        markAwaited = true;
        comparing = true;
    }

    /** For the direction without a mark: the measured window begins with the next byte. */
    void openWindow() {
        comparing = compareInWindow;
    }

    /**
     * Looks at one receive call's bytes.
     *
     * @param count how many
     * @param streamOffset offset of the first one in the stream
     * @return index of the mark, or {@link #NO_MARK}
     */
    long look(Pattern pattern, MemorySegment received, long count, long streamOffset) {
        wrongAt = -1;
        if (!comparing) {
            return NO_MARK;
        }
        long mark = NO_MARK;
        long i = 0;
        while (i < count) {
            long at = pattern.mismatch(received, i, count, streamOffset + i);
            if (at < 0) {
                break;
            }
            if (markAwaited && received.get(ValueLayout.JAVA_BYTE, at) == Pattern.MARK) {
                mark = at;
                markAwaited = false;
                comparing = compareInWindow;
                if (!comparing) {
                    break;
                }
            } else {
                found(at, streamOffset);
                // One error per receive call is counted, so there is nothing more to learn unless the mark is to come.
                if (!markAwaited) {
                    break;
                }
            }
            i = at + 1;
        }
        return mark;
    }

    private void found(long at, long streamOffset) {
        if (wrongAt < 0) {
            wrongAt = at;
        }
        if (firstErrorOffset < 0) {
            firstErrorOffset = streamOffset + at;
        }
    }

    /** Index of the first wrong byte of the last {@link #look}, or -1. */
    long wrongAt() {
        return wrongAt;
    }

    /** Whether the mark was found. */
    boolean markFound() {
        return !markAwaited;
    }

    /** Stream offset of the first wrong byte of all, or -1. */
    long firstErrorOffset() {
        return firstErrorOffset;
    }
}
