package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The measured window by TCP_INFO; null where the kernel's structure is shorter. Counters are differences over the
 * window, the others are values at its end.
 */
public record TcpSummary(
        @Nullable Long retransmittedSegments,
        @Nullable Long reorderingSeen,
        @Nullable Long deliveredCe,
        @Nullable Long smoothedRttNs,
        @Nullable Long rttVarianceNs,
        @Nullable Long sendWindowBytes,
        @Nullable Long congestionWindowSegments) {
    public static final TcpSummary UNKNOWN = new TcpSummary(null, null, null, null, null, null, null);
}
