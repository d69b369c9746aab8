package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What is asked of a flow's sockets. null: the kernel's own choice. What the kernel made of it is an
 * {@link AppliedOption}.
 *
 * @param noDelay TCP_NODELAY
 * @param congestionControl TCP_CONGESTION
 * @param maxPacingBytesPerSecond SO_MAX_PACING_RATE, at least 1
 * @param sendBufferBytes SO_SNDBUF, at least 1
 * @param receiveBufferBytes SO_RCVBUF, at least 1
 * @param maxSegmentBytes TCP_MAXSEG, {@link #MIN_SEGMENT_BYTES} to {@link #MAX_SEGMENT_BYTES}; set by the source before
 *     it connects, which binds both ends
 * @param dscp differentiated services code point of both directions, 0 to 63
 * @param flowLabel IPv6 flow label of the source's packets, 1 to 1048575
 * @param quickAck TCP_QUICKACK, set once, when the flow end is assigned
 * @param userTimeoutMs TCP_USER_TIMEOUT, at least 1
 * @param notSentLowWaterBytes TCP_NOTSENT_LOWAT, at least 1
 * @param sourceDevice SO_BINDTODEVICE of the source
 * @param destinationDevice SO_BINDTODEVICE of the destination
 */
public record SocketOptions(
        boolean noDelay,
        @Nullable String congestionControl,
        @Nullable Long maxPacingBytesPerSecond,
        @Nullable Integer sendBufferBytes,
        @Nullable Integer receiveBufferBytes,
        @Nullable Integer maxSegmentBytes,
        @Nullable Integer dscp,
        @Nullable Integer flowLabel,
        @Nullable Boolean quickAck,
        @Nullable Integer userTimeoutMs,
        @Nullable Integer notSentLowWaterBytes,
        @Nullable String sourceDevice,
        @Nullable String destinationDevice) {

    /** Smallest and largest segment that Linux lets anybody ask for (net/tcp.h: TCP_MIN_MSS, MAX_TCP_WINDOW). */
    public static final int MIN_SEGMENT_BYTES = 88;

    public static final int MAX_SEGMENT_BYTES = 32_767;

    /** Small messages at once, and everything else left to the kernel. */
    public static final SocketOptions DEFAULT =
            new SocketOptions(true, null, null, null, null, null, null, null, null, null, null, null, null);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException naming the first one out of range
     */
    public SocketOptions {
        within("maxPacingBytesPerSecond", maxPacingBytesPerSecond, 1, Long.MAX_VALUE);
        within("sendBufferBytes", sendBufferBytes, 1, Integer.MAX_VALUE);
        within("receiveBufferBytes", receiveBufferBytes, 1, Integer.MAX_VALUE);
        within("maxSegmentBytes", maxSegmentBytes, MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
        within("dscp", dscp, 0, 63);
        within("flowLabel", flowLabel, 1, 0xFFFFF);
        within("userTimeoutMs", userTimeoutMs, 1, Integer.MAX_VALUE);
        within("notSentLowWaterBytes", notSentLowWaterBytes, 1, Integer.MAX_VALUE);
    }

    private static void within(String name, @Nullable Number value, long least, long most) {
        if (value != null) {
            FlowSettings.within(name, value.longValue(), least, most);
        }
    }
}
