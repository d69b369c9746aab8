package dev.flowlane.core.spec;

import java.time.Duration;
import java.util.function.Consumer;

/** What a spec must keep when its traffic goes over UDP. */
final class DatagramRules {
    /** Payload of the largest IPv4 datagram; a segmented send may have no more either. */
    private static final int SEND_MAX_BYTES = 65_507;

    /** Longest time whose nanoseconds a long holds. */
    private static final Duration COUNTABLE = Duration.ofNanos(Long.MAX_VALUE);

    private final RunSpec spec;
    private final Consumer<Problem> problems;

    private DatagramRules(RunSpec spec, Consumer<Problem> problems) {
        this.spec = spec;
        this.problems = problems;
    }

    /** Hands over everything that is wrong. */
    static void check(RunSpec spec, Consumer<Problem> problems) {
        var rules = new DatagramRules(spec, problems);
        switch (spec.traffic()) {
            case Traffic.Stream _,
                    Traffic.RequestResponse _,
                    Traffic.Bidirectional _,
                    Traffic.ConnectRequestResponse _ -> {
                if (spec.io().segmentationOffload() != null) {
                    rules.add(SpecKeys.SEGMENTATION_OFFLOAD, "only datagram streams choose it",
                            "leave it out, or set traffic.kind to datagram-stream");
                }
            }
            case Traffic.DatagramStream stream -> {
                rules.size(SpecKeys.MESSAGE_SIZE, stream.messageBytes());
                rules.offload(stream.messageBytes());
                rules.overUdp();
            }
            case Traffic.DatagramRequestResponse requests -> {
                rules.size(SpecKeys.REQUEST_SIZE, requests.requestBytes());
                rules.size(SpecKeys.RESPONSE_SIZE, requests.responseBytes());
                int outstanding = requests.outstanding();
                rules.range(SpecKeys.OUTSTANDING, outstanding, Integer.toString(outstanding));
                boolean countable = requests.timeout().compareTo(COUNTABLE) < 0;
                Duration timeout = countable ? requests.timeout() : COUNTABLE;
                rules.range(SpecKeys.REQUEST_TIMEOUT, timeout.toNanos(), Units.formatDuration(timeout));
                if (Boolean.TRUE.equals(spec.io().segmentationOffload())) {
                    rules.add(SpecKeys.SEGMENTATION_OFFLOAD, "requests and responses go one by one",
                            "leave it out, or set traffic.kind to datagram-stream");
                }
                rules.overUdp();
            }
        }
    }

    private void range(SpecKey key, long value, String given) {
        Problem problem = SpecValidator.rangeProblem(key, value, given);
        if (problem != null) {
            problems.accept(problem);
        }
    }

    /** What is a size of its own with TCP is bounded by the header and the packet here. */
    private void size(SpecKey key, int bytes) {
        if (bytes < Traffic.DATAGRAM_MIN_BYTES || bytes > Traffic.DATAGRAM_MAX_BYTES) {
            problems.accept(new Problem(key.path(), Problem.quote(Units.formatSizeBytes(bytes)) + " is out of range",
                    SpecKeys.MESSAGE_SIZE.allowed(), "a datagram has a header of 24 bytes and fits into one packet"));
        }
    }

    private void offload(int messageBytes) {
        if (Boolean.TRUE.equals(spec.io().segmentationOffload()) && 2 * messageBytes > SEND_MAX_BYTES) {
            add(SpecKeys.SEGMENTATION_OFFLOAD, "two messages of " + Units.formatSizeBytes(messageBytes)
                    + " are more than the " + SEND_MAX_BYTES + " bytes of one send, so there is nothing to segment",
                    "lower traffic.message-size to " + SEND_MAX_BYTES / 2 + " or less, or set it to false");
        }
    }

    /** Options that only TCP has, and what the datagram loops do not do. */
    private void overUdp() {
        SocketSettings socket = spec.socket();
        unless(socket.congestionControl() == null, SpecKeys.CONGESTION_CONTROL);
        unless(socket.maxSegmentBytes() == null, SpecKeys.MSS);
        unless(socket.quickAck() == null, SpecKeys.QUICK_ACK);
        unless(socket.userTimeoutMs() == null, SpecKeys.USER_TIMEOUT);
        unless(socket.notSentLowWaterBytes() == null, SpecKeys.NOT_SENT_LOW_WATER);
        if (socket.flowLabel() != null) {
            add(SpecKeys.FLOW_LABEL, "this version labels flows over TCP only", "leave it out");
        }
        if (spec.io().truncateReceive()) {
            add(SpecKeys.TRUNCATE_RECEIVE, "the header of every datagram is read", "leave it out");
        }
        if (spec.io().zerocopySend()) {
            add(SpecKeys.ZEROCOPY_SEND, "this version sends datagrams with a copy", "leave it out");
        }
        if (spec.io().hugePages()) {
            add(SpecKeys.HUGE_PAGES, "this version keeps datagrams in pages of the usual size", "leave it out");
        }
        unless(spec.io().receiveMemory() == ReceiveMemory.HOST, SpecKeys.RECEIVE_MEMORY);
        unless(!socket.psp(), SpecKeys.PSP);
        callSize(SpecKeys.READ_SIZE, spec.io().readBytes());
        callSize(SpecKeys.WRITE_SIZE, spec.io().writeBytes());
    }

    private void callSize(SpecKey key, int bytes) {
        if (!Units.formatSizeBytes(bytes).equals(key.defaultText())) {
            add(key, "datagrams are sent and received whole", "leave it out; traffic.message-size is their size");
        }
    }

    private void unless(boolean leftOut, SpecKey key) {
        if (!leftOut) {
            add(key, "only TCP has it, and this traffic goes over UDP", "leave it out");
        }
    }

    private void add(SpecKey key, String fault, String mend) {
        problems.accept(new Problem(key.path(), fault, "", mend));
    }
}
