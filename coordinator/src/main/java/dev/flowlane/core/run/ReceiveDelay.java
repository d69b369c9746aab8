package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

/**
 * How long what an end received in the measured window lay in its kernel, from the receive timestamp to the return of
 * the call that brought it.
 *
 * @param samples receive calls, of datagrams messages, that had a timestamp
 * @param withoutTimestamp those that had none
 * @param p50Ns null without samples, as all that follow
 */
public record ReceiveDelay(
        long samples,
        long withoutTimestamp,
        @Nullable Long p50Ns,
        @Nullable Long p90Ns,
        @Nullable Long p99Ns,
        @Nullable Long p999Ns,
        @Nullable Long maxNs,
        @Nullable Double meanNs) {}
