package dev.flowlane.worker.protocol;

/**
 * What became of a flow's datagrams at one end, over some stretch of time; all 0 for a flow over TCP. A datagram
 * belongs to the warm-up or to the measured window by its own mark, wherever in time it arrives.
 *
 * @param sentMessages datagrams the kernel took
 * @param receivedMessages different datagrams of the peer that arrived, late ones not included
 * @param lostMessages of the peer's datagrams, those that did not arrive, or arrived more than 4,096 numbers late (RFC
 *     7680 calls both lost). While traffic runs a gap counts 4,096 numbers later, and the last interval has what is
 *     left: sum and intervals agree, and received plus lost is what the peer sent
 * @param duplicateMessages copies of datagrams that had arrived already; their bytes are not counted
 * @param reorderedMessages received ones with a lower number than one before them (RFC 4737, 3.3)
 * @param lateMessages those that arrived more than 4,096 numbers late
 * @param timedOutRequests source of requests: those without a response within the time-out
 * @param lateResponses source of requests: responses that came after it
 * @param foreignMessages datagrams that were not the peer's: of another length, or without its mark
 * @param bufferDrops datagrams that the kernel threw away because the socket's receive buffer was full
 * @param jitterNs interarrival jitter at the end of the stretch (RFC 3550, 6.4.1); the arrival of a datagram is the
 *     return of the receive call that brought it. 0 at a source
 */
public record Datagrams(
        long sentMessages,
        long receivedMessages,
        long lostMessages,
        long duplicateMessages,
        long reorderedMessages,
        long lateMessages,
        long timedOutRequests,
        long lateResponses,
        long foreignMessages,
        long bufferDrops,
        long jitterNs) {
    public static final Datagrams NONE = new Datagrams(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Of this stretch and the one that follows it. */
    public Datagrams plus(Datagrams later) {
        return new Datagrams(
                sentMessages + later.sentMessages,
                receivedMessages + later.receivedMessages,
                lostMessages + later.lostMessages,
                duplicateMessages + later.duplicateMessages,
                reorderedMessages + later.reorderedMessages,
                lateMessages + later.lateMessages,
                timedOutRequests + later.timedOutRequests,
                lateResponses + later.lateResponses,
                foreignMessages + later.foreignMessages,
                bufferDrops + later.bufferDrops,
                later.jitterNs);
    }
}
