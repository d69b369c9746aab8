package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Datagrams;
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
    long portlessConnections;
    long sentMessages;
    long receivedMessages;
    long lostMessages;
    long duplicateMessages;
    long reorderedMessages;
    long lateMessages;
    long timedOutRequests;
    long lateResponses;
    long foreignMessages;
    long bufferDrops;
    /** Receive calls, or datagrams, without the kernel's timestamp, when that was asked for. */
    long unstampedReceives;
    /** A value of now, not a total. */
    long jitterNs;

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
        portlessConnections = 0;
        sentMessages = 0;
        receivedMessages = 0;
        lostMessages = 0;
        duplicateMessages = 0;
        reorderedMessages = 0;
        lateMessages = 0;
        timedOutRequests = 0;
        lateResponses = 0;
        foreignMessages = 0;
        bufferDrops = 0;
        unstampedReceives = 0;
        jitterNs = 0;
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
        portlessConnections = other.portlessConnections;
        sentMessages = other.sentMessages;
        receivedMessages = other.receivedMessages;
        lostMessages = other.lostMessages;
        duplicateMessages = other.duplicateMessages;
        reorderedMessages = other.reorderedMessages;
        lateMessages = other.lateMessages;
        timedOutRequests = other.timedOutRequests;
        lateResponses = other.lateResponses;
        foreignMessages = other.foreignMessages;
        bufferDrops = other.bufferDrops;
        unstampedReceives = other.unstampedReceives;
        jitterNs = other.jitterNs;
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
                failedConnections - earlier.failedConnections,
                portlessConnections - earlier.portlessConnections,
                new Datagrams(
                        sentMessages - earlier.sentMessages,
                        receivedMessages - earlier.receivedMessages,
                        lostMessages - earlier.lostMessages,
                        duplicateMessages - earlier.duplicateMessages,
                        reorderedMessages - earlier.reorderedMessages,
                        lateMessages - earlier.lateMessages,
                        timedOutRequests - earlier.timedOutRequests,
                        lateResponses - earlier.lateResponses,
                        foreignMessages - earlier.foreignMessages,
                        bufferDrops - earlier.bufferDrops,
                        jitterNs));
    }
}
