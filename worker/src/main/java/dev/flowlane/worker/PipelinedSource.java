package dev.flowlane.worker;

import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Pace;

/**
 * Keeps several requests under way, or sends them when they are due; what may be sent at the same time is sent in one
 * call. A round trip is timed from the call that handed its request's first byte to the kernel, and at a pace also from
 * the moment the request was due, so that a stall counts for every request that it held up (no coordinated omission).
 *
 * <p>Never sleeps in a send: the destination may be waiting for room to answer, which only reading makes.
 */
final class PipelinedSource extends SourceLoop {
    /** A power of two; requests are kept at their number modulo this. */
    private static final int SLOTS = FlowSettings.MAX_OUTSTANDING;

    private final Schedule schedule = new Schedule();
    private final long[] sentNs = new long[SLOTS];
    private final long[] intendedNs = new long[SLOTS];

    private int outstanding;
    private boolean scheduled;

    /** Requests that may be sent, are begun, are answered; since the loop began. */
    private long admitted;

    private long begun;
    private long answered;

    /** Bytes of all requests handed to the kernel. */
    private long handedBytes;

    /** Bytes of the response that is arriving. */
    private long arrivedBytes;

    private long nowNs;
    private long lastAnswerNs;

    PipelinedSource(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        outstanding = next.settings().outstanding();
        Pace pace = next.settings().pace();
        scheduled = pace != null;
        if (pace != null) {
            schedule.attach(pace, next.id().hashCode());
        }
        admitted = 0;
        begun = 0;
        answered = 0;
        handedBytes = 0;
        arrivedBytes = 0;
    }

    @Override
    void begin(long startNs) {
        nowNs = startNs;
        lastAnswerNs = startNs;
        schedule.begin(startNs);
        super.begin(startNs);
    }

    @Override
    void windowOpened(long openedNs) {
        schedule.begin(openedNs);
    }

    @Override
    long dueNotSent(long endNs) {
        return scheduled ? schedule.dueBefore(endNs) : 0;
    }

    @Override
    Turn turn() {
        if (!holding()) {
            admit();
        }
        long unsentBytes = admitted * requestBytes - handedBytes;
        if (unsentBytes > 0) {
            long limit = Math.min(unsentBytes, writeBytes);
            stamp(Math.ceilDiv(handedBytes + limit, requestBytes));
            long n = connection.sendNow(limit);
            if (n > 0) {
                handedBytes += n;
                begun = Math.ceilDiv(handedBytes, requestBytes);
                unsentBytes -= n;
            } else if (n != FlowConnection.NOT_NOW) {
                return failed("send", n);
            }
        }
        long n = receive(unsentBytes > 0);
        nowNs = System.nanoTime();
        if (n > 0) {
            arrived(n);
        } else if (n != FlowConnection.NOT_NOW) {
            return n == 0 ? Turn.PEER_GONE : failed("recv", n);
        }
        meter.turn(nowNs);
        if (due(nowNs)) {
            Turn turn = attend(nowNs, answered == admitted);
            // An interval may have been cut: that is not part of a round trip.
            nowNs = System.nanoTime();
            return turn;
        }
        return Turn.GO_ON;
    }

    private void admit() {
        long most = most();
        if (!scheduled) {
            admitted = most;
            return;
        }
        while (admitted < most && schedule.nextNs() - nowNs <= 0) {
            intendedNs[(int) admitted & (SLOTS - 1)] = schedule.nextNs();
            admitted++;
            schedule.advance();
        }
    }

    /** Requests that may be admitted by now. */
    private long most() {
        return answered + Math.min(outstanding, requestsLeft());
    }

    /** The requests that begin in this call; those that it did not come to are stamped again by the next one. */
    private void stamp(long end) {
        for (long i = begun; i < end; i++) {
            sentNs[(int) i & (SLOTS - 1)] = nowNs;
        }
    }

    private long receive(boolean unsent) {
        if (!unsent && !scheduled) {
            return connection.receive(readBytes);
        }
        long waitNs = Long.MAX_VALUE;
        if (scheduled && !holding()) {
            waitNs = attendAtNs - nowNs;
            if (admitted < most()) {
                waitNs = Math.min(waitNs, schedule.nextNs() - nowNs);
            }
        }
        return connection.receiveWithin(waitNs, unsent, readBytes);
    }

    private void arrived(long n) {
        check.look(connection.pattern(), connection.received(), n, counters.receivedBytes);
        if (check.wrongAt() >= 0) {
            counters.payloadErrors++;
        }
        counters.receivedBytes += n;
        arrivedBytes += n;
        while (arrivedBytes >= responseBytes && answered < begun) {
            arrivedBytes -= responseBytes;
            int slot = (int) answered & (SLOTS - 1);
            meter.roundTrip(nowNs - sentNs[slot]);
            if (scheduled) {
                meter.intendedRoundTrip(nowNs - intendedNs[slot]);
            }
            answered++;
            counters.transactions++;
        }
        lastAnswerNs = nowNs;
        checkLimits(nowNs);
    }

    @Override
    long windowEndNs() {
        // At a pace the window is as long as it was meant to be, whenever its last request was due.
        return scheduled ? later(lastAnswerNs, finishedNs()) : lastAnswerNs;
    }
}
