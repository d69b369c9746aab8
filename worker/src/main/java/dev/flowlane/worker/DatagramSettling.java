package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.Outcome;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@link Settling} of a flow over UDP: the source sends numbered datagrams, the destination sends each back, and what
 * is lost is sent again. The destination goes on until the source says its first word on the TCP connection, over
 * which {@link Settling} follows; that is how both know that the other has done.
 */
final class DatagramSettling {
    /** A round trip between continents takes longer; then a few answers more than needed come, which is no harm. */
    private static final long AGAIN_NS = 20_000_000;

    /** The longest that is waited without looking at Stop. */
    private static final long SLICE_NS = 20_000_000;

    private final Flow flow;
    private final MemorySegment out;
    private final MemorySegment in;
    private final long giveUpNs;

    private DatagramSettling(Flow flow, Arena arena) {
        this.flow = flow;
        out = arena.allocate(DatagramHeader.BYTES);
        in = arena.allocate(DatagramHeader.BYTES);
        giveUpNs = System.nanoTime() + flow.settings().settleTimeoutNs();
    }

    /** As {@link Settling#settle}. */
    static Flow.@Nullable End settle(Flow flow, MemorySegment scratch) {
        try (Arena arena = Arena.ofConfined()) {
            DatagramSettling settling = new DatagramSettling(flow, arena);
            Flow.End failure =
                    switch (flow.role()) {
                        case SOURCE -> settling.ask();
                        case DESTINATION -> settling.answer();
                    };
            if (failure != null) {
                return failure;
            }
            failure = Settling.settle(flow, scratch);
            settling.dropLeftOvers();
            return failure;
        }
    }

    private Flow.@Nullable End ask() {
        for (int number = 0; number < Settling.ECHOES; number++) {
            long againNs = System.nanoTime();
            while (!heard(number)) {
                Flow.End failure = givenUp();
                if (failure != null) {
                    return failure;
                }
                long nowNs = System.nanoTime();
                if (nowNs - againNs >= 0) {
                    DatagramHeader.write(out, 0, number, nowNs, 0, DatagramHeader.SETTLING);
                    failure = sent();
                    if (failure != null) {
                        return failure;
                    }
                    againNs = nowNs + AGAIN_NS;
                }
                FlowSocket.poll(flow.datagramFd(), FlowSocket.POLLIN, Math.min(SLICE_NS, againNs - nowNs));
            }
        }
        return null;
    }

    /** Whether the answer of that number has come; earlier ones have come twice then, and are passed over. */
    private boolean heard(int number) {
        while (received()) {
            if (DatagramHeader.number(in, 0) == number) {
                return true;
            }
        }
        return false;
    }

    private Flow.@Nullable End answer() {
        while (true) {
            while (received()) {
                MemorySegment.copy(in, 0, out, 0, DatagramHeader.BYTES);
                Flow.End failure = sent();
                if (failure != null) {
                    return failure;
                }
            }
            // The source's first word over TCP, or its end: either is Settling's.
            if (FlowSocket.poll(flow.fd(), FlowSocket.POLLIN, 0) != 0) {
                return null;
            }
            Flow.End failure = givenUp();
            if (failure != null) {
                return failure;
            }
            FlowSocket.pollEither(flow.datagramFd(), flow.fd(), SLICE_NS);
        }
    }

    /** Takes datagrams until one of settling is there; false when there is none. */
    private boolean received() {
        while (true) {
            long n = FlowSocket.recv(flow.datagramFd(), in, 0, DatagramHeader.BYTES, FlowSocket.MSG_DONTWAIT);
            if (n == DatagramHeader.BYTES
                    && DatagramHeader.isAt(in, 0)
                    && (DatagramHeader.flags(in, 0) & DatagramHeader.SETTLING) != 0) {
                return true;
            }
            // An error is what came of an earlier datagram; whether the peer is gone, TCP tells.
            if (n < 0) {
                return false;
            }
        }
    }

    private Flow.@Nullable End sent() {
        long n = FlowSocket.send(flow.datagramFd(), out, 0, DatagramHeader.BYTES, FlowSocket.MSG_DONTWAIT);
        return switch ((int) -n) {
            case -DatagramHeader.BYTES,
                    Errno.EAGAIN,
                    Errno.EINTR,
                    Errno.ECONNREFUSED,
                    Errno.EHOSTUNREACH,
                    Errno.ENETUNREACH,
                    Errno.ENOBUFS -> null;
            default -> end(Outcome.ERROR, "settling: send: " + Errno.name((int) -n));
        };
    }

    private Flow.@Nullable End givenUp() {
        if (flow.stopRequested()) {
            return end(Outcome.NEVER_STARTED, flow.stopReason());
        }
        if (System.nanoTime() - giveUpNs < 0) {
            return null;
        }
        return end(
                Outcome.TIMED_OUT,
                "peer did not settle over UDP within " + flow.settings().settleTimeoutNs() / 1_000_000 + " ms");
    }

    /** Answers that came twice, and whatever strangers sent before the socket was connected. */
    private void dropLeftOvers() {
        while (FlowSocket.recv(flow.datagramFd(), in, 0, DatagramHeader.BYTES, FlowSocket.MSG_DONTWAIT) >= 0) {
            // again
        }
    }

    private static Flow.End end(Outcome outcome, @Nullable String message) {
        return new Flow.End(outcome, message, null);
    }
}
