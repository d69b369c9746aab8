package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Pace;

/**
 * Sends a write's worth of a stream whenever one is due. What the socket does not take in time is made up for as
 * fast as it can be; what is still left when the window begins or ends is not sent.
 */
final class PacedSource extends SourceLoop {
    private final Schedule schedule = new Schedule();

    private long unsentBytes;
    private long nowNs;
    private long lastSendNs;

    PacedSource(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        Pace pace = next.settings().pace();
        if (pace != null) {
            schedule.attach(pace, next.id().hashCode());
        }
    }

    @Override
    void begin(long startNs) {
        nowNs = startNs;
        lastSendNs = startNs;
        unsentBytes = 0;
        schedule.begin(startNs);
        super.begin(startNs);
    }

    @Override
    void windowOpened(long openedNs) {
        unsentBytes = 0;
        schedule.begin(openedNs);
    }

    @Override
    long dueNotSent(long endNs) {
        return Math.ceilDiv(unsentBytes, writeBytes) + schedule.dueBefore(endNs);
    }

    @Override
    Turn turn() {
        if (lastByteDue()) {
            return sendLastByte();
        }
        while (schedule.nextNs() - nowNs <= 0) {
            unsentBytes += writeBytes;
            schedule.advance();
        }
        if (unsentBytes > 0) {
            long n = connection.send(Math.min(unsentBytes, Math.min(writeBytes, bytesLeft())));
            nowNs = System.nanoTime();
            if (n > 0) {
                unsentBytes -= n;
                lastSendNs = nowNs;
                checkLimits(nowNs);
            } else if (n != FlowConnection.NOT_NOW) {
                return failed("send", n);
            }
        } else {
            connection.pause(earlier(schedule.nextNs(), attendAtNs) - nowNs);
            nowNs = System.nanoTime();
        }
        meter.turn(nowNs);
        return due(nowNs) ? attend(nowNs, true) : Turn.GO_ON;
    }

    @Override
    long windowEndNs() {
        return later(lastSendNs, finishedNs());
    }
}
