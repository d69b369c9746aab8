package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What all destinations of datagrams share: telling what arrives from what is missing, and knowing when all is there.
 * That it is over the source says on the TCP connection; what is still under way then has {@link #LINGER_NS} to come.
 */
abstract sealed class DatagramSink extends DestinationLoop permits DatagramDestination, DatagramRequestDestination {
    /** How long nothing may come, after the source has said that it is over, until the rest is lost: 100 ms. */
    static final long LINGER_NS = 100_000_000;

    /** How often the TCP connection is looked at, before and after the time is up. */
    private static final long SELDOM_NS = 100_000_000;

    private static final long SOON_NS = 1_000_000;

    final DatagramPort port;

    private final SequenceWindow window = new SequenceWindow();
    private final Jitter jitter = new Jitter();
    private final FinalCounts counts = new FinalCounts();
    private boolean comparing;
    private boolean compareInWindow;
    private long firstErrorOffset;
    private boolean heard;
    private long heardNs;
    private long lookAtNs;

    DatagramSink(FlowConnection connection, DatagramPort port, Meter meter) {
        super(connection, meter);
        this.port = port;
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        counts.attach(next);
        window.begin();
        jitter.begin();
        comparing = true;
        compareInWindow = next.settings().validatePayload();
        firstErrorOffset = -1;
        heard = false;
    }

    @Override
    void begin(long nowNs) {
        super.begin(nowNs);
        lookAgain(nowNs);
    }

    /** The TCP connection has to be looked at, too. */
    private void lookAgain(long nowNs) {
        boolean over = stopped() || nowNs - plannedEndNs >= 0;
        lookAt(over ? nowNs + SOON_NS : earlier(nowNs + SELDOM_NS, plannedEndNs));
    }

    private void lookAt(long whenNs) {
        lookAtNs = whenNs;
        plan();
    }

    @Override
    long lookAtNs() {
        return lookAtNs;
    }

    @Override
    void endPhase() {
        port.endPhase();
    }

    /** The mark is in every message, and the meter knows whether one had it. */
    @Override
    boolean windowSeen() {
        return meter.window().opened();
    }

    /** Books a message of the last batch; whether it is one of the flow's that had not arrived before. */
    final boolean arrived(int index, long nowNs) {
        if (!port.isMessage(index)) {
            counters.foreignMessages++;
            return false;
        }
        long at = port.at(index);
        int flags = DatagramHeader.flags(port.received(), at);
        long number = DatagramHeader.number(port.received(), at);
        if ((flags & ~DatagramHeader.MEASURED) != 0) {
            if ((flags & DatagramHeader.SETTLING) == 0) {
                counters.foreignMessages++;
            }
            return false;
        }
        boolean measured = flags != 0;
        if (!window.isPlausible(number)) {
            counters.foreignMessages++;
            return false;
        }
        if (!meter.begun()) {
            meter.begin(nowNs);
            lookAgain(nowNs);
            meter.announce();
        }
        if (measured && !meter.window().opened()) {
            openWindow(nowNs);
        } else if (!measured && meter.window().opened()) {
            return false; // Of the warm-up, which is over: it belongs to no sum.
        }
        lastTrafficNs = nowNs;
        long lostBefore = window.lost();
        switch (window.arrive(number)) {
            case IN_ORDER -> counters.lostMessages += window.lost() - lostBefore;
            case REORDERED -> counters.reorderedMessages++;
            case DUPLICATE -> {
                counters.duplicateMessages++;
                return false;
            }
            case LATE -> {
                counters.lateMessages++;
                return false;
            }
        }
        counters.receivedMessages++;
        counters.receivedBytes += requestBytes;
        jitter.arrived(nowNs, DatagramHeader.sentNs(port.received(), at));
        counters.jitterNs = jitter.ns();
        if (comparing) {
            compare(index, number);
        }
        return true;
    }

    private void compare(int index, long number) {
        long wrong = port.wrongAt(index);
        if (wrong >= 0) {
            counters.payloadErrors++;
            if (firstErrorOffset < 0) {
                firstErrorOffset = number * requestBytes + wrong;
            }
        }
    }

    private void openWindow(long nowNs) {
        // How many the warm-up had in all nobody knows yet; the gaps that are known are lost.
        counters.lostMessages += window.missing();
        meter.openWindow(nowNs);
        window.begin();
        jitter.begin();
        counters.jitterNs = 0;
        comparing = compareInWindow;
        lookAgain(nowNs);
        meter.announce();
    }

    /** Ends a turn. */
    final Turn over(long nowNs) {
        if (meter.begun()) {
            meter.turn(nowNs);
        }
        if (!due(nowNs)) {
            return Turn.GO_ON;
        }
        Turn turn = attend(nowNs);
        Turn listened = listen(nowNs);
        // A source that has said that it is over was not silent, however late this thread comes to hear it.
        return heard || listened != Turn.GO_ON ? listened : turn;
    }

    /** Looks whether the source has said that it is over, and then whether all is there. */
    private Turn listen(long nowNs) {
        if (!heard) {
            switch (counts.hear()) {
                case NOT_YET -> {
                    lookAgain(nowNs);
                    return Turn.GO_ON;
                }
                case HEARD -> {
                    heard = true;
                    heardNs = nowNs;
                }
                case CLOSED, BROKEN -> {
                    return Turn.PEER_GONE;
                }
            }
        }
        if (window.arrived() < sentByPeer() && nowNs - later(lastTrafficNs, heardNs) < LINGER_NS) {
            lookAt(nowNs + SOON_NS);
            return Turn.GO_ON;
        }
        return Turn.FINISHED;
    }

    /** In the phase that is the last: the measured window, unless the source was stopped before it. */
    private long sentByPeer() {
        return counts.measuredMessages() > 0 || meter.window().opened()
                ? counts.measuredMessages()
                : counts.warmupMessages();
    }

    /** What has not come by now is lost. Tells the source what this end sent. */
    @Override
    final Flow.@Nullable End agree() {
        if (counts.measuredMessages() > 0 && !meter.window().opened()) {
            // Nothing at all came of the measured window: it is there all the same, and everything in it is lost.
            if (!meter.begun()) {
                meter.begin(heardNs);
            }
            openWindow(heardNs);
            lastTrafficNs = System.nanoTime();
        }
        long lost = sentByPeer() - window.arrived();
        if (lost < 0) {
            return new Flow.End(
                    Outcome.ERROR,
                    "peer says that it sent " + sentByPeer() + " messages, " + window.arrived() + " have arrived",
                    null);
        }
        counters.lostMessages += lost - window.lost();
        // A source that is gone by now has its own report; here everything is known.
        DatagramAgreement.say(counts, meter);
        return null;
    }

    @Override
    long firstErrorOffset() {
        return firstErrorOffset;
    }
}
