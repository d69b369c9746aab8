package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The course of the traffic, and what of the rest of a spec does not go with a kind of it. */
final class KindRules {
    private final RunSpec spec;
    private final List<Problem> problems;

    KindRules(RunSpec spec, List<Problem> problems) {
        this.spec = spec;
        this.problems = problems;
    }

    void check() {
        switch (spec.traffic()) {
            case Traffic.Stream _, Traffic.RequestResponse _ -> {}
            case Traffic.Bidirectional() -> forward("both directions carry traffic already");
            case Traffic.ConnectRequestResponse connections -> {
                forward("connections are opened by sources only");
                connections();
                ports(connections.ports());
            }
            case Traffic.DatagramStream _, Traffic.DatagramRequestResponse _ -> {
                forward("datagrams go from source to destination, and only what answers them back");
                byTimeAlone(SpecKeys.MOST_BYTES, spec.course().mostBytes());
                byTimeAlone(SpecKeys.MOST_MESSAGES, spec.course().mostMessages());
            }
        }
        new RingRules(spec, problems).check();
        limit(SpecKeys.MOST_BYTES, spec.course().mostBytes());
        limit(SpecKeys.MOST_MESSAGES, spec.course().mostMessages());
    }

    private void forward(String why) {
        if (spec.course().reverse()) {
            problems.add(new Problem(SpecKeys.REVERSE.path(), why, "",
                    "leave it out, or set traffic.kind to stream or request-response"));
        }
    }

    private void byTimeAlone(SpecKey key, @Nullable Long most) {
        if (most != null) {
            problems.add(new Problem(key.path(), "flows of datagrams end by time alone", "",
                    "leave it out, or set traffic.kind to one over TCP"));
        }
    }

    private void limit(SpecKey key, @Nullable Long most) {
        Problem problem = most == null ? null : SpecValidator.rangeProblem(key, most, most.toString());
        if (problem != null) {
            problems.add(problem);
        }
    }

    /** A flow that opens connections drives many sockets in turn, none of which the placed connection is. */
    private void connections() {
        refuse(SpecKeys.TRUNCATE_RECEIVE, spec.io().truncateReceive());
        refuse(SpecKeys.ZEROCOPY_SEND, spec.io().zerocopySend());
        SocketSettings socket = spec.socket();
        refuse(SpecKeys.CONGESTION_CONTROL, socket.congestionControl() != null);
        refuse(SpecKeys.SEND_BUFFER, socket.sendBufferBytes() != null);
        refuse(SpecKeys.RECEIVE_BUFFER, socket.receiveBufferBytes() != null);
        refuse(SpecKeys.MAX_PACING_RATE, socket.maxPacingBitsPerSecond() != null);
        refuse(SpecKeys.MSS, socket.maxSegmentBytes() != null);
        refuse(SpecKeys.DSCP, socket.dscp() != null);
        refuse(SpecKeys.FLOW_LABEL, socket.flowLabel() != null);
        refuse(SpecKeys.QUICK_ACK, socket.quickAck() != null);
        refuse(SpecKeys.USER_TIMEOUT, socket.userTimeoutMs() != null);
        refuse(SpecKeys.NOT_SENT_LOW_WATER, socket.notSentLowWaterBytes() != null);
        refuse(SpecKeys.SOURCE_DEVICE, socket.sourceDevice() != null);
        refuse(SpecKeys.DESTINATION_DEVICE, socket.destinationDevice() != null);
    }

    /** A command of another's making may have any. */
    private void ports(@Nullable PortRange ports) {
        if (ports != null && !ports.allowed()) {
            SpecKey key = SpecKeys.CONNECTION_PORTS;
            problems.add(new Problem(key.path(), "is " + ports.first() + " to " + ports.last(), key.allowed(), ""));
        }
    }

    private void refuse(SpecKey key, boolean asked) {
        if (asked) {
            problems.add(new Problem(key.path(), "is not set on the connections of connect-request-response", "",
                    "leave it out; of the socket's options they take socket.nodelay only"));
        }
    }
}
