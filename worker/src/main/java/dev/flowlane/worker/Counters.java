package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Traffic;

/** Running totals of a flow end; mutable, because the flow loop allocates nothing. The terms are {@link Traffic}'s. */
final class Counters {
    private static final Counters ZERO = new Counters();

    long sentBytes;
    long receivedBytes;
    long transactions;
    long sendCalls;
    long receiveCalls;
    long payloadErrors;
    long zerocopyCompletions;
    long zerocopyCopies;
    long mappedBytes;
    long failedConnections;

    void clear() {
        sentBytes = 0;
        receivedBytes = 0;
        transactions = 0;
        sendCalls = 0;
        receiveCalls = 0;
        payloadErrors = 0;
        zerocopyCompletions = 0;
        zerocopyCopies = 0;
        mappedBytes = 0;
        failedConnections = 0;
    }

    void copyFrom(Counters other) {
        sentBytes = other.sentBytes;
        receivedBytes = other.receivedBytes;
        transactions = other.transactions;
        sendCalls = other.sendCalls;
        receiveCalls = other.receiveCalls;
        payloadErrors = other.payloadErrors;
        zerocopyCompletions = other.zerocopyCompletions;
        zerocopyCopies = other.zerocopyCopies;
        mappedBytes = other.mappedBytes;
        failedConnections = other.failedConnections;
    }

    Traffic toTraffic() {
        return since(ZERO);
    }

    Traffic since(Counters earlier) {
        return new Traffic(
                sentBytes - earlier.sentBytes,
                receivedBytes - earlier.receivedBytes,
                transactions - earlier.transactions,
                sendCalls - earlier.sendCalls,
                receiveCalls - earlier.receiveCalls,
                payloadErrors - earlier.payloadErrors,
                zerocopyCompletions - earlier.zerocopyCompletions,
                zerocopyCopies - earlier.zerocopyCopies,
                mappedBytes - earlier.mappedBytes,
                failedConnections - earlier.failedConnections);
    }
}
