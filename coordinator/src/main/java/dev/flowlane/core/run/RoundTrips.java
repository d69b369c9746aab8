package dev.flowlane.core.run;

/**
 * Round trips in nanoseconds, percentiles by HdrHistogram with 3 significant digits.
 *
 * @param histogram HdrHistogram V2 compressed
 */
public record RoundTrips(
        long p25Ns,
        long p50Ns,
        long p75Ns,
        long p90Ns,
        long p99Ns,
        long p999Ns,
        long p9999Ns,
        long maxNs,
        double meanNs,
        OpaqueBytes histogram) {}
