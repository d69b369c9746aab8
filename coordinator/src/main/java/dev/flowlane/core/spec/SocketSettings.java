package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

/**
 * Options of every data socket of a run.
 *
 * @param congestionControl TCP_CONGESTION; null: the host's default
 * @param sendBufferBytes SO_SNDBUF, 1 to 128 MiB; null: the kernel tunes it
 * @param receiveBufferBytes SO_RCVBUF, 1 to 128 MiB; null: the kernel tunes it
 * @param maxPacingBitsPerSecond SO_MAX_PACING_RATE; null: unlimited
 */
public record SocketSettings(
        boolean noDelay,
        @Nullable String congestionControl,
        @Nullable Integer sendBufferBytes,
        @Nullable Integer receiveBufferBytes,
        @Nullable Long maxPacingBitsPerSecond) {}
