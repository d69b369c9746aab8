package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.Outcome;
import org.jspecify.annotations.Nullable;

/** The end of a flow over UDP: both ends tell each other over TCP what they sent, so that losses are exact. */
final class DatagramAgreement {
    private static final long SLICE_NS = 10_000_000;

    /** What comes in the meantime. */
    interface LateComers {
        /** Takes what lies there; whether there was anything. */
        boolean take();
    }

    private DatagramAgreement() {}

    /** Says what this end sent, by the books; 0, or a negative errno. */
    static long say(FinalCounts counts, Meter meter) {
        long all = meter.counters().sentMessages;
        long warmup = meter.window().opened() ? meter.window().before().sentMessages : all;
        return counts.say(warmup, all - warmup);
    }

    /**
     * Source, when it has said its own: waits for the destination's, which it says when it has waited for what was
     * still under way.
     *
     * @param said what saying it returned
     * @param lateComers responses; null where there are none
     * @return null when the counts are there, otherwise how the flow end has ended
     */
    static Flow.@Nullable End ofSource(Flow flow, long said, FinalCounts counts, @Nullable LateComers lateComers) {
        if (said < 0) {
            return new Flow.End(Outcome.PEER_GONE, "saying what was sent: " + Errno.name((int) -said), null);
        }
        long timeoutNs = flow.settings().drainTimeoutNs();
        long giveUpNs = System.nanoTime() + timeoutNs;
        while (true) {
            boolean moved = lateComers != null && lateComers.take();
            switch (counts.hear()) {
                case NOT_YET -> {}
                case HEARD -> {
                    while (lateComers != null && lateComers.take()) {
                        // What was sent before those words and overtaken by them.
                    }
                    return null;
                }
                case CLOSED -> {
                    return new Flow.End(
                            Outcome.PEER_GONE, "peer closed the connection before it said what it had sent", null);
                }
                case BROKEN -> {
                    return new Flow.End(Outcome.ERROR, "peer said something else than what it had sent", null);
                }
            }
            if (System.nanoTime() - giveUpNs >= 0) {
                return new Flow.End(
                        Outcome.TIMED_OUT,
                        "peer did not say what it had sent within " + timeoutNs / 1_000_000 + " ms",
                        null);
            }
            if (!moved) {
                FlowSocket.pollEither(flow.fd(), lateComers == null ? -1 : flow.datagramFd(), SLICE_NS);
            }
        }
    }
}
