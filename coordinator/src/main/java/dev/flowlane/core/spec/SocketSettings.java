package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

/**
 * Options of every data socket of a run. null: the kernel's own choice.
 *
 * @param congestionControl TCP_CONGESTION
 * @param sendBufferBytes SO_SNDBUF, 1 to 128 MiB
 * @param receiveBufferBytes SO_RCVBUF, 1 to 128 MiB
 * @param maxPacingBitsPerSecond SO_MAX_PACING_RATE
 * @param maxSegmentBytes TCP_MAXSEG, 88 to 32767, TCP options included
 * @param dscp differentiated services code point of both directions, 0 to 63
 * @param flowLabel IPv6 flow label of the sources' packets, 1 to 1048575
 * @param quickAck TCP_QUICKACK, set once before traffic
 * @param userTimeoutMs TCP_USER_TIMEOUT, 1 ms to 24 h
 * @param notSentLowWaterBytes TCP_NOTSENT_LOWAT, 1 to 128 MiB
 * @param sourceDevice SO_BINDTODEVICE of sources, 1 to 15 characters
 * @param destinationDevice SO_BINDTODEVICE of destinations, 1 to 15 characters
 * @param tls of the kernel; null: in the clear
 * @param psp whether the devices encrypt by PSP
 */
public record SocketSettings(
        boolean noDelay,
        @Nullable String congestionControl,
        @Nullable Integer sendBufferBytes,
        @Nullable Integer receiveBufferBytes,
        @Nullable Long maxPacingBitsPerSecond,
        @Nullable Integer maxSegmentBytes,
        @Nullable Integer dscp,
        @Nullable Integer flowLabel,
        @Nullable Boolean quickAck,
        @Nullable Integer userTimeoutMs,
        @Nullable Integer notSentLowWaterBytes,
        @Nullable String sourceDevice,
        @Nullable String destinationDevice,
        @Nullable Tls tls,
        boolean psp) {

    /** The options that most specs stop at. */
    public SocketSettings(
            boolean noDelay,
            @Nullable String congestionControl,
            @Nullable Integer sendBufferBytes,
            @Nullable Integer receiveBufferBytes,
            @Nullable Long maxPacingBitsPerSecond) {
        this(noDelay, congestionControl, sendBufferBytes, receiveBufferBytes, maxPacingBitsPerSecond, null, null,
                null, null, null, null, null, null);
    }

    /** In the clear. */
    public SocketSettings(
            boolean noDelay,
            @Nullable String congestionControl,
            @Nullable Integer sendBufferBytes,
            @Nullable Integer receiveBufferBytes,
            @Nullable Long maxPacingBitsPerSecond,
            @Nullable Integer maxSegmentBytes,
            @Nullable Integer dscp,
            @Nullable Integer flowLabel,
            @Nullable Boolean quickAck,
            @Nullable Integer userTimeoutMs,
            @Nullable Integer notSentLowWaterBytes,
            @Nullable String sourceDevice,
            @Nullable String destinationDevice) {
        this(noDelay, congestionControl, sendBufferBytes, receiveBufferBytes, maxPacingBitsPerSecond, maxSegmentBytes,
                dscp, flowLabel, quickAck, userTimeoutMs, notSentLowWaterBytes, sourceDevice, destinationDevice, null,
                false);
    }
}
