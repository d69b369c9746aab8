package dev.flowlane.worker;

import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.Course;
import dev.flowlane.worker.protocol.CpuConnections;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.KindFigures;
import dev.flowlane.worker.protocol.TlsSettings;
import dev.flowlane.worker.protocol.TrafficKind;
import dev.flowlane.worker.protocol.WindowEnd;
import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What all sources share: the timetable of warm-up, measured window and end.
 *
 * <p>Where the kernel encrypts, a send that does not wait, or is interrupted, may leave part of a record behind, and
 * the kernel does not send that any more after a half-close. So a stream's last byte is held back until everything else
 * is acknowledged: then there is room, and the call that takes it sends what was left first (tls_tx_records in
 * net/tls/tls_sw.c). Requests need none of it: their answers tell that they are out.
 */
abstract sealed class SourceLoop extends FlowLoop
        permits StreamSource,
                PacedSource,
                RequestSource,
                PipelinedSource,
                ConnectSource,
                DatagramSource,
                DatagramRequestSource {
    private enum Phase {
        WARMUP,
        MEASURED,
        /** The time is up, but a transaction is under way, or the last byte is to be sent. */
        FINISHING
    }

    /** Between two looks at whether everything is acknowledged, which no event tells of. */
    private static final long ACKNOWLEDGED_LOOK_NS = 500_000;

    private Phase phase = Phase.WARMUP;
    private long phaseEndNs;
    private long progressBytes;
    private long finishedNs;
    private boolean holding;

    /** What the measured window's bytes and requests may come to, and where the counters stand then. */
    private long mostBytes;

    private long mostRequests;
    private long lastByte;
    private long lastRequest;
    private boolean reached;
    private @Nullable WindowEnd windowEnd;

    /** Bytes that are held back for the end: 1 of a stream that this end encrypts, otherwise 0. */
    private int heldBackBytes;

    private int unacknowledgedBytes;

    SourceLoop(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        check.begin(false, next.settings().validatePayload());
        FlowSettings settings = next.settings();
        Course course = settings.course();
        mostBytes = Long.MAX_VALUE;
        mostRequests = Long.MAX_VALUE;
        switch (settings.kind()) {
            case STREAM, BIDIRECTIONAL -> mostBytes = course.streamBytes(writeBytes);
            case REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE -> mostRequests = course.requests(requestBytes);
            // They end by time alone.
            case DATAGRAM_STREAM, DATAGRAM_REQUEST_RESPONSE -> {}
        }
        TlsSettings tls = settings.tls();
        boolean holds = settings.kind() == TrafficKind.STREAM && tls != null && tls.transmits(next.role());
        heldBackBytes = holds ? 1 : 0;
        lastByte = Long.MAX_VALUE;
        lastRequest = Long.MAX_VALUE;
        reached = false;
        windowEnd = null;
    }

    @Override
    void begin(long nowNs) {
        meter.begin(nowNs);
        phase = Phase.WARMUP;
        phaseEndNs = nowNs + warmupNs;
        finishedNs = nowNs;
        holding = false;
        if (warmupNs == 0) {
            openWindow(nowNs);
        }
        attendAtNs = earlier(meter.nextCutNs(), phaseEndNs);
    }

    private void openWindow(long nowNs) {
        endPhase();
        meter.openWindow(nowNs);
        markWindow();
        phase = Phase.MEASURED;
        phaseEndNs = nowNs + durationNs;
        lastByte = sum(counters.sentBytes, mostBytes);
        lastRequest = sum(counters.transactions, mostRequests);
        windowOpened(nowNs);
        if (heldBackBytes >= mostBytes) {
            checkLimits(nowNs);
        }
    }

    /** Makes the peer see where the measured window begins. */
    void markWindow() {
        check.openWindow();
        connection.markNextByte();
        connection.windowOpened();
    }

    /** The measured window begins with what is sent from now on. */
    void windowOpened(long nowNs) {}

    /** Messages that a pace made due before the window's end, and that will not be sent any more. */
    long dueNotSent(long endNs) {
        return 0;
    }

    private static long sum(long count, long most) {
        return most == Long.MAX_VALUE ? most : count + most;
    }

    /** Bytes that may still be sent, but for what is held back. */
    final long bytesLeft() {
        return lastByte - heldBackBytes - counters.sentBytes;
    }

    /** Requests that may still be answered. */
    final long requestsLeft() {
        return lastRequest - counters.transactions;
    }

    /** Looks whether all is sent, or answered, that was asked for: then the measured window ends, and the loop. */
    final void checkLimits(long nowNs) {
        if (bytesLeft() <= 0 || counters.transactions >= lastRequest) {
            reached = true;
            end(nowNs);
            attendAtNs = nowNs;
        }
    }

    /** Whether nothing is to be sent any more but the byte that is held back. */
    final boolean lastByteDue() {
        return phase == Phase.FINISHING && heldBackBytes > 0;
    }

    /** A turn that sends it, if its time has come, or waits a little. */
    final Turn sendLastByte() {
        int before = unacknowledgedBytes;
        unacknowledgedBytes = FlowSocket.unacknowledgedBytes(flow.fd());
        long n = unacknowledgedBytes > 0 ? FlowConnection.NOT_NOW : connection.sendNow(heldBackBytes);
        if (n > 0) {
            heldBackBytes = 0;
        } else if (n != FlowConnection.NOT_NOW) {
            return failed("send", n);
        } else {
            connection.pause(ACKNOWLEDGED_LOOK_NS);
        }
        long nowNs = System.nanoTime();
        if (unacknowledgedBytes != before) {
            awaitProgress(nowNs);
        }
        meter.turn(nowNs);
        return attend(nowNs, true);
    }

    @Override
    final KindFigures ofKind() {
        return new KindFigures(windowEnd, null, connections());
    }

    /** Where this end received the connections of the measured window; none unless it opens them. */
    List<CpuConnections> connections() {
        return List.of();
    }

    /** Whether nothing new may be sent, because what is under way has to end first: then the phase changes. */
    final boolean holding() {
        return holding;
    }

    /** When the time was up, or Stop was seen; once it was. */
    final long finishedNs() {
        return finishedNs;
    }

    /**
     * Does what is due by the clock.
     *
     * @param between whether no transaction is under way: only then the phase may change
     */
    final Turn attend(long nowNs, boolean between) {
        meter.cutDue(nowNs);
        if (flow.stopRequested() && !stopping) {
            stopping = true;
            end(nowNs);
        }
        switch (phase) {
            case WARMUP -> {
                if (nowNs - phaseEndNs >= 0) {
                    if (between) {
                        openWindow(nowNs);
                    } else if (nowNs - phaseEndNs >= durationNs) {
                        // The peer fell silent in the warm-up and the whole flow's time is up.
                        end(nowNs);
                    }
                }
            }
            case MEASURED -> {
                if (nowNs - phaseEndNs >= 0) {
                    end(nowNs);
                }
            }
            case FINISHING -> {}
        }
        holding = phase == Phase.FINISHING || nowNs - phaseEndNs >= 0;
        if (phase == Phase.FINISHING) {
            if (between && heldBackBytes == 0) {
                return Turn.FINISHED;
            }
            long bytes = counters.sentBytes + counters.receivedBytes;
            if (bytes != progressBytes) {
                awaitProgress(nowNs);
            } else if (nowNs - phaseEndNs >= 0) {
                return Turn.TIMED_OUT;
            }
        }
        // While a transaction keeps a phase from ending, every turn attends: it then ends with that transaction.
        attendAtNs = earlier(meter.nextCutNs(), phase == Phase.FINISHING ? nowNs : phaseEndNs);
        return Turn.GO_ON;
    }

    private void end(long nowNs) {
        if (phase != Phase.FINISHING) {
            if (phase == Phase.MEASURED) {
                // What is due beyond a limit was never to be sent.
                meter.dueNotSent(reached ? 0 : dueNotSent(earlier(nowNs, phaseEndNs)));
                windowEnd = stopping ? null : windowEnd();
            }
            phase = Phase.FINISHING;
            finishedNs = nowNs;
        }
        awaitProgress(nowNs);
    }

    private WindowEnd windowEnd() {
        if (!reached) {
            return WindowEnd.DURATION;
        }
        int messageBytes = mostBytes < Long.MAX_VALUE ? writeBytes : requestBytes;
        return flow.settings().course().firstLimit(messageBytes);
    }

    private void awaitProgress(long nowNs) {
        phaseEndNs = nowNs + drainTimeoutNs;
        progressBytes = counters.sentBytes + counters.receivedBytes;
    }
}
