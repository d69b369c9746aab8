package dev.flowlane.core.run;

import dev.flowlane.core.placement.Pairs;
import dev.flowlane.core.spec.Pace;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Traffic;
import org.jspecify.annotations.Nullable;

/**
 * How much a spec asks of the network, all flows together.
 *
 * @param bitsPerSecond payload in both directions; {@link #UNBOUNDED}: as much as goes
 * @param requestsPerSecond likewise; 0 for traffic without requests
 * @param durationNs warm-up and measured window of every trial
 */
record Demand(long flows, long bitsPerSecond, long requestsPerSecond, long durationNs) {
    /** More than any limit. */
    static final long UNBOUNDED = Long.MAX_VALUE;

    static Demand of(RunSpec spec) {
        long flows = Math.multiplyExact((long) Pairs.of(spec).size(), spec.flowsPerPair());
        long once = spec.warmup().plus(spec.duration()).toNanos();
        // Only TCP paces by itself; a socket of UDP does with a certain queueing discipline of the interface.
        Long pacing = spec.socket().maxPacingBitsPerSecond();
        return switch (spec.traffic()) {
            case Traffic.Stream(var pace) ->
                new Demand(flows, times(flows, least(bits(pace, spec.io().writeBytes()), pacing)), 0, all(spec, once));
            case Traffic.Bidirectional() ->
                new Demand(flows, times(2 * flows, least(UNBOUNDED, pacing)), 0, all(spec, once));
            case Traffic.RequestResponse requests -> asking(
                    spec, flows, once, requests.pace(), requests.requestBytes(), requests.responseBytes(), pacing);
            case Traffic.ConnectRequestResponse requests -> asking(
                    spec, flows, once, null, requests.requestBytes(), requests.responseBytes(), null);
            case Traffic.DatagramStream(int messageBytes, var pace) ->
                new Demand(flows, times(flows, bits(pace, messageBytes)), 0, all(spec, once));
            case Traffic.DatagramRequestResponse requests -> asking(
                    spec, flows, once, requests.pace(), requests.requestBytes(), requests.responseBytes(), null);
        };
    }

    /** A rate of requests brings its responses with it, whose size is another. */
    private static Demand asking(
            RunSpec spec,
            long flows,
            long once,
            @Nullable Pace pace,
            int requestBytes,
            int responseBytes,
            @Nullable Long pacing) {
        double perSecond = pace == null ? Double.POSITIVE_INFINITY : pace.messagesPerSecond(requestBytes);
        long bits = bounded(perSecond * Byte.SIZE * ((double) requestBytes + responseBytes));
        return new Demand(
                flows,
                times(flows, least(bits, pacing == null ? null : (Long) times(2, pacing))),
                times(flows, bounded(perSecond)),
                all(spec, once));
    }

    private static long bits(@Nullable Pace pace, int messageBytes) {
        return pace == null
                ? UNBOUNDED
                : bounded(pace.messagesPerSecond(messageBytes) * Byte.SIZE * messageBytes);
    }

    private static long least(long rate, @Nullable Long pacing) {
        return pacing == null ? rate : Math.min(rate, pacing);
    }

    private static long bounded(double rate) {
        return rate >= UNBOUNDED ? UNBOUNDED : (long) Math.ceil(rate);
    }

    private static long all(RunSpec spec, long once) {
        return times(spec.conduct().trials(), once);
    }

    private static long times(long count, long amount) {
        return amount > UNBOUNDED / Math.max(1, count) ? UNBOUNDED : count * amount;
    }
}
