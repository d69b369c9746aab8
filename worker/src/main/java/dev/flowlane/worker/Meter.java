package dev.flowlane.worker;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.Clock;
import dev.flowlane.posix.EventFd;
import dev.flowlane.worker.protocol.FlowSettings;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the books of one flow end on the I/O thread: totals, the {@link MeasuredWindow}, and the intervals, which are
 * cut here and handed to the control thread through an {@link IntervalRing}. Allocates nothing between {@link #attach}
 * and the end. All times are System.nanoTime().
 *
 * <p>The course of a flow: {@link #begin} at its first byte, {@link #openWindow} when the warm-up is
 * over, {@link #end}.
 */
final class Meter {
    private static final long NEVER_NS = Long.MAX_VALUE / 2;

    /** How often the CPU is looked at between two cuts: every so many turns. A power of two. */
    private static final int TURNS_PER_CPU_LOOK = 256;

    private final Counters counters = new Counters();
    private final Counters lastCut = new Counters();
    private final IntervalRing ring;
    private final EventFd published;
    private final LostIntervals lost = new LostIntervals();
    private final ReceiveDelays receiveDelays = new ReceiveDelays(counters);
    private final ThreadUsage usage = new ThreadUsage();
    private final MeasuredWindow window = new MeasuredWindow(usage);
    private final SocketFigures figures = new SocketFigures();
    private long intervalNs;
    private int warmupIntervals;
    private int measuredIntervals;

    private boolean timesIntended;
    private boolean stamped;
    private boolean begun;
    private long trafficStartedWallNs;

    // The phase is the warm-up or the measured window; it is cut on a grid that begins where it begins.
    private long phaseStartedNs;
    private int phaseIndex;
    private int phaseIntervals;
    private long nextCutNs;

    // The open interval.
    private int seq;
    private long startedNs;
    private long startedWallNs;
    private long lastLookNs;
    private long longestTurnNs;
    private int turns;
    private Histogram roundTrips;
    /** Null unless the flow has a pace. */
    private @Nullable Histogram intended;

    /** Null unless others share the thread. */
    private @Nullable RoundTripBatch batch;

    private int dropped;
    private long dueNotSent;

    /**
     * Books without a flow.
     *
     * @param published is signalled after every interval that was handed over
     * @param slots of the ring
     */
    Meter(EventFd published, int slots) {
        this.published = published;
        ring = new IntervalRing(slots);
        roundTrips = ring.open().roundTrips;
    }

    /** From now on round trips go to their histograms together with those of others on this thread. */
    void share(RoundTripBatch roundTripBatch) {
        batch = roundTripBatch;
    }

    /** Forgets the last flow; the ring's consumer must have taken all of it. */
    void attach(int socket, FlowSettings settings) {
        figures.attach(socket, settings.kind());
        intervalNs = settings.intervalNs();
        warmupIntervals = settings.warmupIntervals();
        measuredIntervals = settings.measuredIntervals();
        counters.clear();
        lastCut.clear();
        if (batch != null) {
            // What a flow end that failed left there is not the next one's.
            batch.flush();
        }
        ring.reset();
        window.reset();
        lost.begin(settings);
        timesIntended = settings.timesIntended();
        stamped = settings.receiveTimestamps();
        if (timesIntended) {
            ring.reserveIntended();
        }
        if (stamped) {
            ring.reserveReceiveDelays();
        }
        openSlot();
        begun = false;
        trafficStartedWallNs = 0;
        nextCutNs = System.nanoTime() + NEVER_NS;
        seq = 0;
        dropped = 0;
        longestTurnNs = 0;
        turns = 0;
        dueNotSent = 0;
    }

    /** The flow's first byte is about to be sent, or was just received. */
    void begin(long nowNs) {
        begun = true;
        trafficStartedWallNs = Clock.realtimeNs();
        usage.read();
        window.trafficBegins();
        startedNs = nowNs;
        startedWallNs = trafficStartedWallNs;
        lastLookNs = nowNs;
        ring.open().saw(Affinity.currentCpu());
        openPhase(nowNs, warmupIntervals);
    }

    boolean begun() {
        return begun;
    }

    /** The warm-up is over: what the counters say now was before the measured window. */
    void openWindow(long nowNs) {
        // The peer's warm-up may have been a little longer than this one: the mark is what ends it, at both ends.
        while (seq < warmupIntervals || (warmupIntervals == 0 && counters.receivedBytes > lastCut.receivedBytes)) {
            cut(nowNs);
        }
        window.open(nowNs, lastCut, figures);
        openPhase(nowNs, measuredIntervals);
    }

    private void openPhase(long nowNs, int intervals) {
        phaseStartedNs = nowNs;
        phaseIndex = 0;
        phaseIntervals = intervals;
        planNextCut();
    }

    private void planNextCut() {
        boolean last = phaseIndex >= phaseIntervals - 1;
        nextCutNs = phaseStartedNs + (last ? NEVER_NS : (phaseIndex + 1) * intervalNs);
    }

    /** When {@link #cutDue} next has something to do. */
    long nextCutNs() {
        return nextCutNs;
    }

    /** Cuts the intervals whose time is up. */
    void cutDue(long nowNs) {
        while (nowNs - nextCutNs >= 0) {
            cut(nowNs);
            phaseIndex++;
            planNextCut();
        }
    }

    /** Lets the control thread look again at what the loop has to do next, when that has become earlier. */
    void announce() {
        published.signal();
    }

    /** One turn of the loop ends now. */
    void turn(long nowNs) {
        long turnNs = nowNs - lastLookNs;
        lastLookNs = nowNs;
        if (turnNs > longestTurnNs) {
            longestTurnNs = turnNs;
        }
        if ((++turns & (TURNS_PER_CPU_LOOK - 1)) == 0) {
            ring.open().saw(Affinity.currentCpu());
        }
    }

    void roundTrip(long lengthNs) {
        long recordedNs = Math.min(lengthNs, IntervalSlot.LONGEST_ROUND_TRIP_NS);
        if (batch == null) {
            roundTrips.recordValue(recordedNs);
        } else {
            batch.add(roundTrips, recordedNs);
        }
    }

    /** After {@link #roundTrip}, at a pace: the same one from its intended send time. */
    void intendedRoundTrip(long lengthNs) {
        Histogram histogram = intended;
        if (histogram != null) {
            histogram.recordValue(Math.min(lengthNs, IntervalSlot.LONGEST_ROUND_TRIP_NS));
        }
    }

    /** At a pace, when the time is up: messages of the measured window that were due and are not sent. */
    void dueNotSent(long messages) {
        dueNotSent = messages;
    }

    private void openSlot() {
        IntervalSlot slot = ring.open();
        roundTrips = slot.roundTrips;
        intended = timesIntended ? slot.intendedRoundTrips : null;
        receiveDelays.openInto(stamped ? slot.receiveDelays : null);
    }

    /**
     * The traffic is over: cuts the open interval.
     *
     * @param windowEndNs when the measured window ended
     */
    void end(long nowNs, long windowEndNs) {
        if (!begun) {
            return;
        }
        window.end(windowEndNs);
        cutDue(nowNs);
        // The peer's window may have been a little longer than this end saw it: the interval that was about to begin
        // is made all the same, so that a clean run has the same number of intervals at both ends.
        while (window.opened() && phaseIndex < phaseIntervals - 1 && nextCutNs - nowNs <= intervalNs / 10) {
            cut(nowNs);
            phaseIndex++;
            planNextCut();
        }
        cut(nowNs);
        nextCutNs = nowNs + NEVER_NS;
    }

    /** Reads TCP_INFO for the last time; the socket must still be open. */
    void readFinalTcpInfo() {
        window.readFinalTcpInfo(figures);
    }

    private void cut(long nowNs) {
        IntervalSlot slot = ring.open();
        if (batch != null) {
            batch.flush();
        }
        slot.seq = seq++;
        slot.warmup = !window.opened();
        slot.startedWallNs = startedWallNs;
        // At least 1, so that nobody who computes a rate divides by 0.
        slot.lengthNs = Math.max(1, nowNs - startedNs);
        counters.bufferDrops += figures.dropsSinceLast();
        slot.before.copyFrom(lastCut);
        slot.after.copyFrom(counters);
        lastCut.copyFrom(counters);
        slot.longestTurnNs = longestTurnNs;
        long userBeforeNs = usage.userNs;
        long systemBeforeNs = usage.systemNs;
        long involuntaryBefore = usage.involuntarySwitches;
        usage.read();
        slot.userNs = usage.userNs - userBeforeNs;
        slot.systemNs = usage.systemNs - systemBeforeNs;
        slot.involuntarySwitches = usage.involuntarySwitches - involuntaryBefore;
        int cpu = Affinity.currentCpu();
        slot.saw(cpu);
        slot.applicationCpu = cpu;
        slot.receiveCpu = figures.receiveCpu();
        slot.tcpInfoBytes = Math.max(0, figures.tcpInfo(slot.tcpInfo));
        slot.droppedIntervals = dropped;
        startedWallNs = Clock.realtimeNs();
        slot.endedWallNs = startedWallNs;
        window.cut(longestTurnNs);
        if (ring.publish()) {
            published.signal();
        } else {
            dropped++;
            if (window.opened()) {
                lost.add(slot);
            }
            slot.clear();
        }
        startedNs = nowNs;
        longestTurnNs = 0;
        openSlot();
        ring.open().saw(cpu);
    }

    /** The loops count here. */
    Counters counters() {
        return counters;
    }

    /** Receives are booked here. */
    ReceiveDelays receiveDelays() {
        return receiveDelays;
    }

    IntervalRing ring() {
        return ring;
    }

    /** What the loops ask of it is whether it has been opened. */
    MeasuredWindow window() {
        return window;
    }

    // What follows is for the control thread, once the flow has ended.

    /** Of the measured window's dropped intervals. */
    LostIntervals lost() {
        return lost;
    }

    long dueNotSent() {
        return dueNotSent;
    }

    long trafficStartedWallNs() {
        return trafficStartedWallNs;
    }

    int intervalsCut() {
        return seq;
    }

    int intervalsDropped() {
        return dropped;
    }
}
