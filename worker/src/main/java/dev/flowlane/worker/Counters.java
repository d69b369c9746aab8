package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Traffic;

/** Running totals of a flow end; mutable, because the flow loop allocates nothing. The terms are {@link Traffic}'s. */
final class Counters {
    long sentBytes;
    long receivedBytes;
    long transactions;
    long sendCalls;
    long receiveCalls;
    long payloadErrors;

    void clear() {
        sentBytes = 0;
        receivedBytes = 0;
        transactions = 0;
        sendCalls = 0;
        receiveCalls = 0;
        payloadErrors = 0;
    }

    void copyFrom(Counters other) {
        sentBytes = other.sentBytes;
        receivedBytes = other.receivedBytes;
        transactions = other.transactions;
        sendCalls = other.sendCalls;
        receiveCalls = other.receiveCalls;
        payloadErrors = other.payloadErrors;
    }

    Traffic toTraffic() {
        return new Traffic(sentBytes, receivedBytes, transactions, sendCalls, receiveCalls, payloadErrors);
    }

    Traffic since(Counters earlier) {
        return new Traffic(
                sentBytes - earlier.sentBytes,
                receivedBytes - earlier.receivedBytes,
                transactions - earlier.transactions,
                sendCalls - earlier.sendCalls,
                receiveCalls - earlier.receiveCalls,
                payloadErrors - earlier.payloadErrors);
    }
}
