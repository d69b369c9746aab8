package dev.flowlane.worker;

import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.Pace;
import org.jspecify.annotations.Nullable;

/**
 * Keeps several requests under way, or sends them when they are due, each a datagram in a slot with a timer of its own.
 * A request without a response in time frees its slot: a lost datagram costs a time-out, never a stall. A response
 * names the slot and number of its request, so that one that comes too late is not taken for another's.
 */
final class DatagramRequestSource extends SourceLoop implements DatagramAgreement.LateComers {
    private final DatagramPort port;
    private final FinalCounts counts = new FinalCounts();
    private final Schedule schedule = new Schedule();
    private final RequestSlots slots = new RequestSlots();
    private final SequenceWindow window = new SequenceWindow();

    /** Slots of the messages of the batch. */
    private final int[] batchSlots = new int[DatagramPort.VECTOR];

    private int outstanding;
    private boolean scheduled;
    private boolean comparing;
    private boolean compareInWindow;
    private long timeoutNs;
    private long firstErrorOffset;
    private int mark;
    private long number;
    private int prepared;
    private int sent;
    private long nowNs;
    private long lastMoveNs;

    DatagramRequestSource(FlowConnection connection, DatagramPort port, Meter meter) {
        super(connection, meter);
        this.port = port;
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        counts.attach(next);
        outstanding = next.settings().outstanding();
        DatagramSettings datagrams = next.settings().datagrams();
        timeoutNs = datagrams == null ? DatagramSettings.MAX_TIMEOUT_NS : datagrams.timeoutNs();
        Pace pace = next.settings().pace();
        scheduled = pace != null;
        if (pace != null) {
            schedule.attach(pace, next.id().hashCode());
        }
        comparing = true;
        compareInWindow = next.settings().validatePayload();
        firstErrorOffset = -1;
        mark = 0;
        restart();
    }

    private void restart() {
        slots.begin(outstanding);
        window.begin();
        number = 0;
        prepared = 0;
        sent = 0;
    }

    @Override
    void begin(long startNs) {
        nowNs = startNs;
        lastMoveNs = startNs;
        schedule.begin(startNs);
        super.begin(startNs);
        watchTimers();
    }

    @Override
    void markWindow() {
        mark = DatagramHeader.MEASURED;
        comparing = compareInWindow;
    }

    @Override
    void windowOpened(long openedNs) {
        restart();
        schedule.begin(openedNs);
    }

    @Override
    void endPhase() {
        port.endPhase();
    }

    @Override
    long dueNotSent(long endNs) {
        return scheduled ? schedule.dueBefore(endNs) : 0;
    }

    @Override
    Turn turn() {
        if (sent == prepared && !holding()) {
            fill();
        }
        if (sent < prepared) {
            long n = port.sendNow(sent, prepared - sent);
            if (n > 0) {
                for (int i = 0; i < n; i++) {
                    slots.sent(batchSlots[sent++], nowNs);
                }
            } else if (n != FlowConnection.NOT_NOW) {
                return failed("send", n);
            }
        }
        long n = receive();
        nowNs = System.nanoTime();
        if (n > 0) {
            for (int i = 0; i < n; i++) {
                arrived(i);
            }
        } else if (n != FlowConnection.NOT_NOW) {
            return failed("recv", n);
        }
        expire();
        meter.turn(nowNs);
        if (due(nowNs)) {
            // The warm-up's last requests are not waited for: what comes of them is told by their mark, and one that
            // is lost would put the measured window off for a time-out.
            Turn turn = attend(nowNs, !meter.window().opened() || (slots.live() == 0 && sent == prepared));
            watchTimers();
            // An interval may have been cut: that is not part of a round trip.
            nowNs = System.nanoTime();
            return turn;
        }
        return Turn.GO_ON;
    }

    private void fill() {
        sent = 0;
        prepared = 0;
        while (prepared < port.batch() && slots.anyFree()) {
            long dueNs = nowNs;
            if (scheduled) {
                dueNs = schedule.nextNs();
                if (dueNs - nowNs > 0) {
                    return;
                }
                schedule.advance();
            }
            int slot = slots.reserve(number, dueNs);
            port.prepare(prepared, number++, nowNs, slot, mark);
            batchSlots[prepared++] = slot;
        }
    }

    private long receive() {
        boolean unsent = sent < prepared;
        boolean more = !holding() && slots.anyFree();
        if (!unsent && !scheduled) {
            // More slots than a batch has messages: those go first.
            return more ? port.receiveNow() : port.receive();
        }
        long waitNs = attendAtNs - nowNs;
        if (scheduled && more) {
            waitNs = Math.min(waitNs, schedule.nextNs() - nowNs);
        }
        return port.receiveWithin(waitNs, unsent);
    }

    private void arrived(int index) {
        if (!port.isMessage(index)) {
            counters.foreignMessages++;
            return;
        }
        long at = port.at(index);
        int flags = DatagramHeader.flags(port.received(), at);
        long which = DatagramHeader.number(port.received(), at);
        if ((flags & ~DatagramHeader.MEASURED) != DatagramHeader.RESPONSE) {
            if ((flags & DatagramHeader.SETTLING) == 0) {
                counters.foreignMessages++;
            }
            return;
        }
        if ((flags & DatagramHeader.MEASURED) != mark) {
            return; // Of the warm-up, which is over: it has timed out there.
        }
        if (which >= number) {
            counters.foreignMessages++;
            return;
        }
        switch (window.arrive(which)) {
            case IN_ORDER -> {}
            case REORDERED -> counters.reorderedMessages++;
            case DUPLICATE -> {
                counters.duplicateMessages++;
                return;
            }
            case LATE -> {
                counters.lateMessages++;
                counters.lateResponses++;
                return;
            }
        }
        counters.receivedMessages++;
        counters.receivedBytes += responseBytes;
        if (comparing) {
            compare(index, which);
        }
        int slot = DatagramHeader.slot(port.received(), at);
        if (!slots.isUnderWay(slot, which)) {
            counters.lateResponses++;
            return;
        }
        meter.roundTrip(nowNs - slots.sentNs(slot));
        if (scheduled) {
            meter.intendedRoundTrip(nowNs - slots.intendedNs(slot));
        }
        slots.end(slot);
        counters.transactions++;
        lastMoveNs = nowNs;
    }

    private void compare(int index, long which) {
        long wrong = port.wrongAt(index);
        if (wrong >= 0) {
            counters.payloadErrors++;
            if (firstErrorOffset < 0) {
                firstErrorOffset = which * responseBytes + wrong;
            }
        }
    }

    private void expire() {
        for (int slot = slots.oldest();
                slot != RequestSlots.NONE && nowNs - slots.sentNs(slot) >= timeoutNs;
                slot = slots.oldest()) {
            slots.end(slot);
            counters.timedOutRequests++;
            lastMoveNs = nowNs;
        }
    }

    /**
     * The loop has to look up when the oldest request times out. Those that are sent from now on time out later than
     * this, so that this need not be done for each of them.
     */
    private void watchTimers() {
        int slot = slots.oldest();
        long sentNs = slot == RequestSlots.NONE ? nowNs : slots.sentNs(slot);
        attendAtNs = earlier(attendAtNs, sentNs + timeoutNs);
    }

    @Override
    public boolean take() {
        long n = port.receiveNow();
        nowNs = System.nanoTime();
        for (int i = 0; i < n; i++) {
            arrived(i);
        }
        return n > 0;
    }

    @Override
    long sayFinished() {
        return DatagramAgreement.say(counts, meter);
    }

    /** The responses that the destination sent and that did not come are lost. */
    @Override
    Flow.@Nullable End agree() {
        Flow.End failure = DatagramAgreement.ofSource(flow, sayFinished(), counts, this);
        if (failure == null) {
            long theirs = meter.window().opened() ? counts.measuredMessages() : counts.warmupMessages();
            counters.lostMessages += Math.max(0, theirs - window.arrived());
        }
        return failure;
    }

    @Override
    long firstErrorOffset() {
        return firstErrorOffset;
    }

    @Override
    long windowEndNs() {
        // At a pace the window is as long as it was meant to be, whenever its last request was due.
        return scheduled ? later(lastMoveNs, finishedNs()) : lastMoveNs;
    }
}
