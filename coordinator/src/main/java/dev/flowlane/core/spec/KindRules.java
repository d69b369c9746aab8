package dev.flowlane.core.spec;

import java.util.List;

/** What of the rest of a spec does not go with a kind of traffic. */
final class KindRules {
    private KindRules() {}

    /** A flow that opens connections drives many sockets in turn, none of which the placed connection is. */
    static void ofConnections(RunSpec spec, List<Problem> problems) {
        if (spec.io().engine() == IoEngine.IO_URING) {
            problems.add(new Problem(SpecKeys.ENGINE.path(), "io-uring does not open connections yet",
                    "blocking, epoll, busy-poll", ""));
        }
        refuse(SpecKeys.TRUNCATE_RECEIVE, spec.io().truncateReceive(), problems);
        refuse(SpecKeys.ZEROCOPY_SEND, spec.io().zerocopySend(), problems);
        SocketSettings socket = spec.socket();
        refuse(SpecKeys.CONGESTION_CONTROL, socket.congestionControl() != null, problems);
        refuse(SpecKeys.SEND_BUFFER, socket.sendBufferBytes() != null, problems);
        refuse(SpecKeys.RECEIVE_BUFFER, socket.receiveBufferBytes() != null, problems);
        refuse(SpecKeys.MAX_PACING_RATE, socket.maxPacingBitsPerSecond() != null, problems);
        refuse(SpecKeys.MSS, socket.maxSegmentBytes() != null, problems);
        refuse(SpecKeys.DSCP, socket.dscp() != null, problems);
        refuse(SpecKeys.FLOW_LABEL, socket.flowLabel() != null, problems);
        refuse(SpecKeys.QUICK_ACK, socket.quickAck() != null, problems);
        refuse(SpecKeys.USER_TIMEOUT, socket.userTimeoutMs() != null, problems);
        refuse(SpecKeys.NOT_SENT_LOW_WATER, socket.notSentLowWaterBytes() != null, problems);
        refuse(SpecKeys.SOURCE_DEVICE, socket.sourceDevice() != null, problems);
        refuse(SpecKeys.DESTINATION_DEVICE, socket.destinationDevice() != null, problems);
    }

    private static void refuse(SpecKey key, boolean asked, List<Problem> problems) {
        if (asked) {
            problems.add(new Problem(key.path(), "is not set on the connections of connect-request-response", "",
                    "leave it out; of the socket's options they take socket.nodelay only"));
        }
    }
}
