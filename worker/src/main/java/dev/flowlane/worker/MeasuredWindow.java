package dev.flowlane.worker;

import dev.flowlane.posix.Clock;
import dev.flowlane.posix.TcpInfo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What was there when the measured window of a flow end was opened, and when it ended. Written on the I/O thread, which
 * allocates nothing for it; for the control thread once the flow has ended.
 */
final class MeasuredWindow {
    private final ThreadUsage usage;
    private final Counters before = new Counters();
    private final MemorySegment firstTcpInfo = Arena.global().allocate(TcpInfo.BUFFER_BYTES, Long.BYTES);
    private final MemorySegment finalTcpInfo = Arena.global().allocate(TcpInfo.BUFFER_BYTES, Long.BYTES);

    private boolean opened;
    private long startedNs;
    private long startedWallNs;
    private long endedNs;
    private int firstTcpInfoBytes;
    private int finalTcpInfoBytes;
    private long userBeforeNs;
    private long systemBeforeNs;
    private long involuntarySwitchesBefore;
    private long longestTurnNs;
    private int intervals;

    /** @param usage of the I/O thread, as it was read last */
    MeasuredWindow(ThreadUsage usage) {
        this.usage = usage;
    }

    /** Forgets the last flow's. */
    void reset() {
        before.clear();
        opened = false;
        startedNs = 0;
        startedWallNs = 0;
        endedNs = 0;
        firstTcpInfoBytes = 0;
        finalTcpInfoBytes = 0;
        longestTurnNs = 0;
        intervals = 0;
    }

    /** Traffic begins: a flow that never comes to its window has used what it has from here on. */
    void trafficBegins() {
        userBeforeNs = usage.userNs;
        systemBeforeNs = usage.systemNs;
        involuntarySwitchesBefore = usage.involuntarySwitches;
    }

    /**
     * The warm-up is over.
     *
     * @param counted all that is not of the window
     */
    void open(long nowNs, Counters counted, SocketFigures figures) {
        before.copyFrom(counted);
        trafficBegins();
        firstTcpInfoBytes = figures.tcpInfo(firstTcpInfo);
        opened = true;
        startedNs = nowNs;
        endedNs = nowNs;
        startedWallNs = Clock.realtimeNs();
    }

    /** An interval was cut; those of the warm-up are not counted. */
    void cut(long itsLongestTurnNs) {
        if (opened) {
            intervals++;
            longestTurnNs = Math.max(longestTurnNs, itsLongestTurnNs);
        }
    }

    void end(long nowNs) {
        endedNs = nowNs;
    }

    /** Reads TCP_INFO for the last time; the socket must still be open. */
    void readFinalTcpInfo(SocketFigures figures) {
        finalTcpInfoBytes = figures.tcpInfo(finalTcpInfo);
    }

    boolean opened() {
        return opened;
    }

    /** What was counted before it. */
    Counters before() {
        return before;
    }

    /** Its begin by CLOCK_REALTIME; 0 when it never came. */
    long startedWallNs() {
        return startedWallNs;
    }

    /** Its length; 0 when it never came. */
    long lengthNs() {
        return opened ? endedNs - startedNs : 0;
    }

    long userNs() {
        return usage.userNs - userBeforeNs;
    }

    long systemNs() {
        return usage.systemNs - systemBeforeNs;
    }

    long involuntarySwitches() {
        return usage.involuntarySwitches - involuntarySwitchesBefore;
    }

    long longestTurnNs() {
        return longestTurnNs;
    }

    int intervals() {
        return intervals;
    }

    /** At its begin. */
    TcpInfo firstTcpInfo() {
        return TcpInfo.of(firstTcpInfo, 0, Math.max(0, firstTcpInfoBytes));
    }

    /** When the traffic was over. */
    TcpInfo finalTcpInfo() {
        return TcpInfo.of(finalTcpInfo, 0, Math.max(0, finalTcpInfoBytes));
    }
}
