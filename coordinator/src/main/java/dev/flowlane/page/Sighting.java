package dev.flowlane.page;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** One record of the result topics, as far as the page shows it. Intervals are numbered per flow end, from 0. */
public sealed interface Sighting {
    /** Run that it is of. */
    String runId();

    /** A record of one interval of one flow end. */
    sealed interface OfEnd extends Sighting {
        /** Flow. */
        String flowId();

        /** Whether of the source end. */
        boolean source();

        /** Number of the interval. */
        int seq();
    }

    /** Datagrams of the peer that arrived in an interval, and those that are known to be lost. */
    record Arrivals(long received, long lost) {}

    /**
     * What a flow end did in an interval.
     *
     * @param datagrams null over TCP
     */
    record Interval(
            String runId,
            String flowId,
            boolean source,
            int seq,
            boolean warmup,
            long lengthNs,
            long sentBytes,
            long receivedBytes,
            long transactions,
            long payloadErrors,
            @Nullable Arrivals datagrams)
            implements OfEnd {
        /** Payload in the direction that had more of it. */
        double bitsPerSecond() {
            return lengthNs <= 0 ? 0 : Math.max(receivedBytes, sentBytes) * 8e9 / lengthNs;
        }

        /** Payload that came to this end. */
        double receivedBitsPerSecond() {
            return lengthNs <= 0 ? 0 : receivedBytes * 8e9 / lengthNs;
        }

        double transactionsPerSecond() {
            return lengthNs <= 0 ? 0 : transactions * 1e9 / lengthNs;
        }
    }

    /**
     * Round trips of a flow end in an interval, from the real send times.
     *
     * @param p50Ns as the record has it; null without samples
     * @param p99Ns as the record has it; null without samples
     * @param maxNs as the record has it; null without samples
     * @param histogram nanoseconds; null when it could not be read
     */
    record Trips(
            String runId,
            String flowId,
            boolean source,
            int seq,
            @Nullable Long p50Ns,
            @Nullable Long p99Ns,
            @Nullable Long maxNs,
            @Nullable Histogram histogram)
            implements OfEnd {}

    /** Segments that TCP sent again in an interval; null where the kernel does not tell. */
    record Retransmits(String runId, String flowId, boolean source, int seq, @Nullable Long segments)
            implements OfEnd {}

    /** The CPUs of a flow end at the end of an interval; -1 unknown. */
    record Lane(
            String runId,
            String flowId,
            boolean source,
            int seq,
            int applicationCpu,
            int receiveCpu,
            boolean drifted,
            @Nullable String driftReason)
            implements OfEnd {}

    /**
     * How busy a CPU of a lane was in an interval.
     *
     * @param use part that the CPU plays in the lane, in the words of the schema
     * @param shares what it did with its time
     */
    record CpuLoad(
            String runId, String flowId, boolean source, int seq, String hostId, int cpu, String use, CpuShares shares)
            implements OfEnd {
        /** All but idling and waiting for I/O, 0 to 1. */
        public double busyRatio() {
            return shares.busy();
        }
    }

    /** Shares of a CPU's time, each 0 to 1; the rest it idled or waited for I/O. */
    record CpuShares(double user, double system, double irq, double softirq, double steal) {
        /** Their sum. */
        public double busy() {
            return user + system + irq + softirq + steal;
        }
    }

    /**
     * Something that a person should know of the run.
     *
     * @param type such as WARNING or LANE_DRIFT
     * @param where host or flow; may be empty
     */
    record Notice(String runId, Instant at, String type, String where, String message) implements Sighting {}
}
