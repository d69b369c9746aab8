package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What one flow end has to do. Both ends of a flow must be given the same settings.
 *
 * @param requestBytes size of a request, or of each message of a {@link TrafficKind#DATAGRAM_STREAM}, 1 to
 *     {@link #MAX_MESSAGE_BYTES}, of a datagram {@link DatagramSettings#MIN_MESSAGE_BYTES} to
 *     {@link DatagramSettings#MAX_MESSAGE_BYTES}; ignored by {@link TrafficKind#STREAM}
 * @param responseBytes size of a response, same ranges; ignored where there are none
 * @param outstanding requests that may be unanswered at a time, 1 to {@link #MAX_OUTSTANDING}; ignored where there are
 *     none
 * @param pace when a request, a message of a {@link TrafficKind#DATAGRAM_STREAM}, or a write of {@code writeBytes} of a
 *     {@link TrafficKind#STREAM}, is due; null: as soon as it may be sent
 * @param durationNs length of the measured window, at least 1
 * @param warmupNs traffic before it, 0 for none
 * @param intervalNs length of a reporting interval, at least {@link #MIN_INTERVAL_NS}
 * @param ring what {@link Engine#IO_URING} makes use of; what is asked for there goes with that engine, with traffic
 *     over one TCP connection, and without {@code truncateReceive}
 * @param readBytes most that one receive call asks for, 1 to {@link #MAX_CALL_BYTES}
 * @param writeBytes most that one send call offers, same range
 * @param validatePayload compare the payload after the mark too (what comes before it is always compared)
 * @param truncateReceive let the kernel throw the measured window's payload away (MSG_TRUNC); not with
 *     {@code validatePayload}
 * @param zerocopySend send from this process's own pages (MSG_ZEROCOPY, of a ring IORING_OP_SEND_ZC), where the kernel
 *     does
 * @param zerocopyReceive map the pages that a stream arrived in instead of copying them (TCP_ZEROCOPY_RECEIVE), where
 *     whole pages of payload are to be had; not with {@link TrafficKind#REQUEST_RESPONSE}, {@code truncateReceive},
 *     {@code tls} or {@link Engine#IO_URING}
 * @param hugePages keep the payload's buffers in huge pages (MAP_HUGETLB)
 * @param tls null: in the clear
 * @param drainTimeoutNs how long an end waits without progress once the flow should be over
 * @param settleTimeoutNs how long an end waits for its peer while both settle on their CPUs
 * @param course which way the traffic goes, and what ends it before its time
 * @param datagrams set when, and only when, the traffic goes over UDP
 * @param receiveTimestamps ask the kernel when it received what is read ({@link ReceiveDelay}); not with {@link
 *     Engine#IO_URING}, {@link TrafficKind#CONNECT_REQUEST_RESPONSE}, {@code zerocopyReceive} and {@code tls}
 * @param flowsPerWorker flow ends that share a worker's I/O thread at most, 1 to {@link #MAX_FLOWS_PER_WORKER}; more
 *     than 1 only with {@link TrafficKind#STREAM} and {@link TrafficKind#REQUEST_RESPONSE} on {@link Engine#EPOLL},
 *     without a pace, {@code zerocopySend}, {@code zerocopyReceive} and {@code hugePages}
 */
public record FlowSettings(
        TrafficKind kind,
        int requestBytes,
        int responseBytes,
        int outstanding,
        @Nullable Pace pace,
        long durationNs,
        long warmupNs,
        long intervalNs,
        Engine engine,
        RingSettings ring,
        int readBytes,
        int writeBytes,
        boolean validatePayload,
        boolean truncateReceive,
        boolean zerocopySend,
        boolean zerocopyReceive,
        boolean hugePages,
        @Nullable TlsSettings tls,
        SocketOptions socket,
        long drainTimeoutNs,
        long settleTimeoutNs,
        Course course,
        @Nullable DatagramSettings datagrams,
        boolean receiveTimestamps,
        int flowsPerWorker) {

    /** Most flows that one worker drives. */
    public static final int MAX_FLOWS_PER_WORKER = 256;

    /** Largest receive or send call: 128 MiB. */
    public static final int MAX_CALL_BYTES = 128 << 20;

    /** Largest request or response: 1 GiB. */
    public static final int MAX_MESSAGE_BYTES = 1 << 30;

    /** Most requests that may be unanswered at a time. */
    public static final int MAX_OUTSTANDING = 1024;

    /** Shortest interval: 1 ms. */
    public static final long MIN_INTERVAL_NS = 1_000_000;

    /** Most intervals a flow end may have. */
    public static final int MAX_INTERVALS = 10_000_000;

    public static final long DEFAULT_DRAIN_TIMEOUT_NS = 5_000_000_000L;

    /**
     * The peer's worker may be one of several that are being started. Below the 18 s in which a daemon wants to see the
     * end ready, so that the end's own word for it comes first.
     */
    public static final long DEFAULT_SETTLE_TIMEOUT_NS = 16_000_000_000L;

    /** With the usual copies and buffers, in the clear, from source to destination, until the time is up. */
    public FlowSettings(
            TrafficKind kind,
            int requestBytes,
            int responseBytes,
            int outstanding,
            @Nullable Pace pace,
            long durationNs,
            long warmupNs,
            long intervalNs,
            Engine engine,
            int readBytes,
            int writeBytes,
            boolean validatePayload,
            boolean truncateReceive,
            boolean zerocopySend,
            SocketOptions socket,
            long drainTimeoutNs,
            long settleTimeoutNs) {
        this(
                kind,
                requestBytes,
                responseBytes,
                outstanding,
                pace,
                durationNs,
                warmupNs,
                intervalNs,
                engine,
                readBytes,
                writeBytes,
                validatePayload,
                truncateReceive,
                zerocopySend,
                socket,
                drainTimeoutNs,
                settleTimeoutNs,
                null);
    }

    /** Of a flow over UDP, with the usual buffers, until the time is up. */
    public FlowSettings(
            TrafficKind kind,
            int requestBytes,
            int responseBytes,
            int outstanding,
            @Nullable Pace pace,
            long durationNs,
            long warmupNs,
            long intervalNs,
            Engine engine,
            int readBytes,
            int writeBytes,
            boolean validatePayload,
            boolean truncateReceive,
            boolean zerocopySend,
            SocketOptions socket,
            long drainTimeoutNs,
            long settleTimeoutNs,
            @Nullable DatagramSettings datagrams) {
        this(
                kind,
                requestBytes,
                responseBytes,
                outstanding,
                pace,
                durationNs,
                warmupNs,
                intervalNs,
                engine,
                RingSettings.AUTO,
                readBytes,
                writeBytes,
                validatePayload,
                truncateReceive,
                zerocopySend,
                false,
                false,
                null,
                socket,
                drainTimeoutNs,
                settleTimeoutNs,
                Course.USUAL,
                datagrams,
                false,
                1);
    }

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException naming the first one out of range
     */
    public FlowSettings {
        within("requestBytes", requestBytes, 1, MAX_MESSAGE_BYTES);
        within("responseBytes", responseBytes, 1, MAX_MESSAGE_BYTES);
        if (truncateReceive && validatePayload) {
            throw new IllegalArgumentException("truncateReceive leaves nothing for validatePayload to compare");
        }
        if (ring.asked()) {
            ring(kind, ring, engine, readBytes, truncateReceive);
        }
        if (zerocopyReceive
                && (kind != TrafficKind.STREAM || truncateReceive || tls != null || engine == Engine.IO_URING)) {
            throw new IllegalArgumentException(
                    "zerocopyReceive goes with STREAM, without truncateReceive, tls and IO_URING only");
        }
        if (tls != null && (truncateReceive || zerocopySend)) {
            throw new IllegalArgumentException("the kernel's tls has neither truncateReceive nor zerocopySend");
        }
        if (receiveTimestamps && (engine == Engine.IO_URING || zerocopyReceive || tls != null)) {
            throw new IllegalArgumentException(
                    "receiveTimestamps are not to be had with IO_URING, zerocopyReceive or tls");
        }
        switch (kind) {
            case STREAM, REQUEST_RESPONSE -> {}
            case BIDIRECTIONAL -> {
                refuse(pace != null, "a pace", kind);
                refuse(course.reverse(), "a reverse course", kind);
            }
            case CONNECT_REQUEST_RESPONSE -> {
                refuse(pace != null, "a pace", kind);
                refuse(course.reverse(), "a reverse course", kind);
                refuse(outstanding > 1, "outstanding above 1", kind);
                refuse(truncateReceive, "truncateReceive", kind);
                refuse(zerocopySend, "zerocopySend", kind);
                refuse(tls != null, "tls", kind);
                refuse(receiveTimestamps, "receiveTimestamps", kind);
            }
            case DATAGRAM_STREAM, DATAGRAM_REQUEST_RESPONSE -> {
                refuse(course.reverse(), "a reverse course", kind);
                refuse(course.limited(), "an end by bytes or messages", kind);
                refuse(hugePages, "hugePages", kind);
                refuse(tls != null, "tls", kind);
            }
        }
        if (kind.datagrams() != (datagrams != null)) {
            throw new IllegalArgumentException("datagrams are set for " + kind + ": " + (datagrams != null));
        }
        if (datagrams != null) {
            datagrams(kind, requestBytes, responseBytes, truncateReceive, zerocopySend);
        }
        within("flowsPerWorker", flowsPerWorker, 1, MAX_FLOWS_PER_WORKER);
        if (flowsPerWorker > 1) {
            together(engine, ring, readBytes, truncateReceive, tls != null, kind);
            refuse(pace != null, "flowsPerWorker above 1 and a pace", kind);
            refuse(
                    zerocopySend || zerocopyReceive || hugePages,
                    "flowsPerWorker above 1 and zerocopySend, zerocopyReceive or hugePages",
                    kind);
            refuse(
                    kind != TrafficKind.STREAM && kind != TrafficKind.REQUEST_RESPONSE,
                    "flowsPerWorker above 1",
                    kind);
        }
        within("outstanding", outstanding, 1, MAX_OUTSTANDING);
        within("durationNs", durationNs, 1, Long.MAX_VALUE / 4);
        within("warmupNs", warmupNs, 0, Long.MAX_VALUE / 4);
        within("intervalNs", intervalNs, MIN_INTERVAL_NS, Long.MAX_VALUE / 4);
        within("readBytes", readBytes, 1, MAX_CALL_BYTES);
        within("writeBytes", writeBytes, 1, MAX_CALL_BYTES);
        within("drainTimeoutNs", drainTimeoutNs, 1, Long.MAX_VALUE / 4);
        within("settleTimeoutNs", settleTimeoutNs, 1, Long.MAX_VALUE / 4);
        within("intervals", intervals(warmupNs, intervalNs) + intervals(durationNs, intervalNs), 1, MAX_INTERVALS);
    }

    private static void ring(
            TrafficKind kind, RingSettings ring, Engine engine, int readBytes, boolean truncateReceive) {
        if (engine != Engine.IO_URING || truncateReceive) {
            throw new IllegalArgumentException(
                    "multishotReceive and registeredBuffers go with IO_URING, without truncateReceive only");
        }
        refuse(kind.datagrams() || kind == TrafficKind.CONNECT_REQUEST_RESPONSE, "a ring's settings", kind);
        if (Boolean.TRUE.equals(ring.multishotReceive())) {
            within("readBytes of multishotReceive", readBytes, 1, RingSettings.MAX_MULTISHOT_BYTES);
        }
    }

    private static void together(
            Engine engine,
            RingSettings ring,
            int readBytes,
            boolean truncateReceive,
            boolean encrypted,
            TrafficKind kind) {
        switch (engine) {
            case EPOLL -> {}
            case IO_URING -> {
                refuse(encrypted, "flowsPerWorker above 1, engine IO_URING and tls", kind);
                refuse(truncateReceive, "flowsPerWorker above 1, engine IO_URING and truncateReceive", kind);
                refuse(
                        Boolean.FALSE.equals(ring.multishotReceive()) || Boolean.TRUE.equals(ring.registeredBuffers()),
                        "flowsPerWorker above 1 and another way through the ring than multishotReceive",
                        kind);
                within("readBytes of several flows in a ring", readBytes, 1, RingSettings.MAX_MULTISHOT_BYTES);
            }
            case BLOCKING, BUSY_POLL -> refuse(true, "flowsPerWorker above 1 without engine EPOLL or IO_URING", kind);
        }
    }

    private static void refuse(boolean given, String what, TrafficKind kind) {
        if (given) {
            throw new IllegalArgumentException(kind + " does not go with " + what);
        }
    }

    private static void datagrams(
            TrafficKind kind, int requestBytes, int responseBytes, boolean truncateReceive, boolean zerocopySend) {
        int least = DatagramSettings.MIN_MESSAGE_BYTES;
        int most = DatagramSettings.MAX_MESSAGE_BYTES;
        within("requestBytes", requestBytes, least, most);
        if (kind.timed()) {
            within("responseBytes", responseBytes, least, most);
        }
        if (truncateReceive || zerocopySend) {
            throw new IllegalArgumentException("datagrams are neither truncated nor sent without a copy");
        }
    }

    /** Intervals of the warm-up in a clean run. */
    public int warmupIntervals() {
        return (int) intervals(warmupNs, intervalNs);
    }

    /** Intervals of the measured window in a clean run; with a limited {@link Course} the most there can be. */
    public int measuredIntervals() {
        return (int) intervals(durationNs, intervalNs);
    }

    private static long intervals(long lengthNs, long intervalNs) {
        return Math.ceilDiv(lengthNs, intervalNs);
    }

    static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", allowed is " + least + " to " + most);
        }
    }

    /** The same, with or without {@link #receiveTimestamps}. */
    public FlowSettings withReceiveTimestamps(boolean asked) {
        return with(asked, flowsPerWorker);
    }

    /** The same, for flows that share their worker with others. */
    public FlowSettings withFlowsPerWorker(int flows) {
        return with(receiveTimestamps, flows);
    }

    private FlowSettings with(boolean timestamps, int flows) {
        return new FlowSettings(
                kind,
                requestBytes,
                responseBytes,
                outstanding,
                pace,
                durationNs,
                warmupNs,
                intervalNs,
                engine,
                ring,
                readBytes,
                writeBytes,
                validatePayload,
                truncateReceive,
                zerocopySend,
                zerocopyReceive,
                hugePages,
                tls,
                socket,
                drainTimeoutNs,
                settleTimeoutNs,
                course,
                datagrams,
                timestamps,
                flows);
    }

    /** Whether round trips are timed from their intended send time, too. */
    public boolean timesIntended() {
        return kind.timed() && pace != null;
    }
}
