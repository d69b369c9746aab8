package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Pace;
import org.jspecify.annotations.Nullable;

/** Sends datagrams as fast as the socket takes them, a batch at a time, or whenever one is due. */
final class DatagramSource extends SourceLoop {
    private final DatagramPort port;
    private final FinalCounts counts = new FinalCounts();
    private final Schedule schedule = new Schedule();

    private boolean scheduled;
    private int mark;
    private long number;

    /** Messages that are due and not prepared. */
    private long owed;

    /** Prepared messages of the batch, and those of them that were sent. */
    private int prepared;

    private int sent;
    private long nowNs;
    private long lastSendNs;

    DatagramSource(FlowConnection connection, DatagramPort port, Meter meter) {
        super(connection, meter);
        this.port = port;
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        counts.attach(next);
        Pace pace = next.settings().pace();
        scheduled = pace != null;
        if (pace != null) {
            schedule.attach(pace, next.id().hashCode());
        }
        mark = 0;
        restart();
    }

    @Override
    void begin(long startNs) {
        nowNs = startNs;
        lastSendNs = startNs;
        schedule.begin(startNs);
        super.begin(startNs);
    }

    /** The mark is in every message. */
    @Override
    void markWindow() {
        mark = DatagramHeader.MEASURED;
    }

    @Override
    void windowOpened(long openedNs) {
        restart();
        schedule.begin(openedNs);
    }

    private void restart() {
        number = 0;
        owed = 0;
        prepared = 0;
        sent = 0;
    }

    @Override
    void endPhase() {
        port.endPhase();
    }

    @Override
    long dueNotSent(long endNs) {
        return scheduled ? owed + prepared - sent + schedule.dueBefore(endNs) : 0;
    }

    @Override
    Turn turn() {
        if (sent == prepared) {
            fill();
        }
        if (sent < prepared) {
            long n = port.send(sent, prepared - sent);
            nowNs = System.nanoTime();
            if (n > 0) {
                sent += (int) n;
                lastSendNs = nowNs;
            } else if (n != FlowConnection.NOT_NOW) {
                return failed("send", n);
            }
        } else {
            port.pause(earlier(schedule.nextNs(), attendAtNs) - nowNs);
            nowNs = System.nanoTime();
        }
        meter.turn(nowNs);
        return due(nowNs) ? attend(nowNs, true) : Turn.GO_ON;
    }

    private void fill() {
        sent = 0;
        prepared = port.batch();
        if (scheduled) {
            while (schedule.nextNs() - nowNs <= 0) {
                owed++;
                schedule.advance();
            }
            prepared = (int) Math.min(owed, prepared);
            owed -= prepared;
        }
        for (int i = 0; i < prepared; i++) {
            port.prepare(i, number++, nowNs, 0, mark);
        }
    }

    @Override
    long sayFinished() {
        return DatagramAgreement.say(counts, meter);
    }

    @Override
    Flow.@Nullable End agree() {
        return DatagramAgreement.ofSource(flow, sayFinished(), counts, null);
    }

    @Override
    long windowEndNs() {
        return scheduled ? later(lastSendNs, finishedNs()) : lastSendNs;
    }
}
