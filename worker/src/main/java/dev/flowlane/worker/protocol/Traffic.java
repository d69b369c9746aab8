package dev.flowlane.worker.protocol;

/**
 * What went through a flow end's socket over some stretch of time. Settling bytes are in none of it.
 *
 * @param sentBytes payload bytes the kernel took
 * @param receivedBytes payload bytes the kernel gave
 * @param transactions responses completely received (source), requests completely answered (destination)
 * @param sendCalls send system calls, those that would have blocked included
 * @param receiveCalls receive system calls, likewise
 * @param payloadErrors receive calls, of a flow over UDP datagrams, whose payload was not the pattern
 * @param zerocopyCompletions send calls with MSG_ZEROCOPY that the kernel told to be complete; those of the very end
 *     are missing, because nobody waits for them
 * @param zerocopyCopies those of them whose payload the kernel copied after all
 * @param mappedBytes of {@code receivedBytes}, those whose pages were mapped instead of copied (TCP_ZEROCOPY_RECEIVE)
 * @param failedConnections connection rate: connections that were not made, or broke before the whole response
 * @param portlessConnections those of them for which no port of the source was free (EADDRINUSE, EADDRNOTAVAIL)
 * @param datagrams what became of the datagrams of a flow over UDP
 */
public record Traffic(
        long sentBytes,
        long receivedBytes,
        long transactions,
        long sendCalls,
        long receiveCalls,
        long payloadErrors,
        long zerocopyCompletions,
        long zerocopyCopies,
        long mappedBytes,
        long failedConnections,
        long portlessConnections,
        Datagrams datagrams) {
    public static final Traffic NONE = new Traffic(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Of a flow over one TCP connection, or over connections that all found a port. */
    public Traffic(
            long sentBytes,
            long receivedBytes,
            long transactions,
            long sendCalls,
            long receiveCalls,
            long payloadErrors,
            long zerocopyCompletions,
            long zerocopyCopies,
            long mappedBytes,
            long failedConnections) {
        this(
                sentBytes,
                receivedBytes,
                transactions,
                sendCalls,
                receiveCalls,
                payloadErrors,
                zerocopyCompletions,
                zerocopyCopies,
                mappedBytes,
                failedConnections,
                0,
                Datagrams.NONE);
    }

    /** Of this stretch and the one that follows it. */
    public Traffic plus(Traffic other) {
        return new Traffic(
                sentBytes + other.sentBytes,
                receivedBytes + other.receivedBytes,
                transactions + other.transactions,
                sendCalls + other.sendCalls,
                receiveCalls + other.receiveCalls,
                payloadErrors + other.payloadErrors,
                zerocopyCompletions + other.zerocopyCompletions,
                zerocopyCopies + other.zerocopyCopies,
                mappedBytes + other.mappedBytes,
                failedConnections + other.failedConnections,
                portlessConnections + other.portlessConnections,
                datagrams.plus(other.datagrams));
    }
}
