package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Which way a flow's traffic goes, and what ends it before its time.
 *
 * @param reverse whether the destination sends, or asks, and the source receives, or answers
 * @param mostBytes payload bytes of the measured window after which a sender stops; 0: by time alone. Of requests,
 *     rounded up to whole ones
 * @param mostMessages requests, or writes of a stream, likewise
 * @param resetClose connection rate: whether the source closes with a reset, which leaves nothing in TIME_WAIT
 * @param sourcePorts connection rate: where the source's connections come from, one after the other and around again;
 *     null: the kernel chooses
 */
public record Course(
        boolean reverse,
        long mostBytes,
        long mostMessages,
        boolean resetClose,
        @Nullable PortRange sourcePorts) {
    /** From source to destination, until the time is up. */
    public static final Course USUAL = new Course(false, 0, 0, false, null);

    /** Largest number of bytes or messages: far below where a sum of them could overflow. */
    public static final long MOST = Long.MAX_VALUE / 4;

    /** Checks the numbers. */
    public Course {
        FlowSettings.within("mostBytes", mostBytes, 0, MOST);
        FlowSettings.within("mostMessages", mostMessages, 0, MOST);
    }

    /** Whether something other than time may end the measured window. */
    public boolean limited() {
        return mostBytes > 0 || mostMessages > 0;
    }

    /** The part in the traffic of the end that has a part in the connection. */
    public Role traffic(Role connection) {
        return switch (connection) {
            case SOURCE -> reverse ? Role.DESTINATION : Role.SOURCE;
            case DESTINATION -> reverse ? Role.SOURCE : Role.DESTINATION;
        };
    }

    /** Bytes after which a stream whose messages have that size ends; {@link Long#MAX_VALUE} when none do. */
    public long streamBytes(int messageBytes) {
        long byMessages = mostMessages == 0 ? Long.MAX_VALUE : saturated(mostMessages, messageBytes);
        return mostBytes == 0 ? byMessages : Math.min(mostBytes, byMessages);
    }

    /** Requests of that size after which the asking ends; {@link Long#MAX_VALUE} when none do. */
    public long requests(int requestBytes) {
        long byBytes = mostBytes == 0 ? Long.MAX_VALUE : Math.ceilDiv(mostBytes, requestBytes);
        return mostMessages == 0 ? byBytes : Math.min(mostMessages, byBytes);
    }

    /** Which of the two it is that ends messages of that size first; bytes when both do. */
    public WindowEnd firstLimit(int messageBytes) {
        boolean bytesFirst = mostMessages == 0
                || (mostBytes > 0 && mostBytes <= saturated(mostMessages, messageBytes));
        return bytesFirst ? WindowEnd.BYTES : WindowEnd.MESSAGES;
    }

    private static long saturated(long messages, int messageBytes) {
        return messages > Long.MAX_VALUE / messageBytes ? Long.MAX_VALUE : messages * messageBytes;
    }
}
