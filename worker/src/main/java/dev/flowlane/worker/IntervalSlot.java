package dev.flowlane.worker;

import dev.flowlane.posix.TcpInfo;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the I/O thread knows of one interval, on its way to the control thread; reused for ever. */
final class IntervalSlot {
    /**
     * Longest round trip told apart: 100 s. Longer ones count as this. The drain time-out ends a flow long before; and
     * the histogram of this range takes 229 KB.
     */
    static final long LONGEST_ROUND_TRIP_NS = 100_000_000_000L;

    static final int SIGNIFICANT_DIGITS = 3;

    /** CPUs that a bit set here can hold; the same number as a cpu_set_t of glibc. */
    static final int MAX_CPUS = 1024;

    int seq;
    boolean warmup;
    long startedWallNs;
    long endedWallNs;
    long lengthNs;
    final Counters before = new Counters();
    final Counters after = new Counters();
    long longestTurnNs;
    long userNs;
    long systemNs;
    long involuntarySwitches;
    int applicationCpu;
    int receiveCpu;
    final long[] cpusSeen = new long[MAX_CPUS / Long.SIZE];
    final MemorySegment tcpInfo = Arena.global().allocate(TcpInfo.BUFFER_BYTES, Long.BYTES);
    int tcpInfoBytes;
    int droppedIntervals;
    final Histogram roundTrips = newHistogram();

    /** The same round trips from their intended send times; made when a flow first needs it. */
    @Nullable Histogram intendedRoundTrips;

    /** How long what was received lay in the kernel; made when a flow first needs it. */
    @Nullable Histogram receiveDelays;

    static Histogram newHistogram() {
        return new Histogram(1, LONGEST_ROUND_TRIP_NS, SIGNIFICANT_DIGITS);
    }

    /** To 2 significant digits: 15 KB, and its figures are all that leaves the worker. */
    static Histogram newDelayHistogram() {
        return new Histogram(1, LONGEST_ROUND_TRIP_NS, 2);
    }

    void saw(int cpu) {
        if (cpu >= 0 && cpu < MAX_CPUS) {
            cpusSeen[cpu >> 6] |= 1L << cpu;
        }
    }

    void clear() {
        for (int i = 0; i < cpusSeen.length; i++) {
            cpusSeen[i] = 0;
        }
        clear(roundTrips);
        if (intendedRoundTrips != null) {
            clear(intendedRoundTrips);
        }
        if (receiveDelays != null) {
            clear(receiveDelays);
        }
    }

    /** An empty one is not touched: its 229 KB would only push other things out of the cache. */
    static void clear(Histogram histogram) {
        if (histogram.getTotalCount() > 0) {
            histogram.reset();
        }
    }
}
