package dev.flowlane.worker;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.flowlane.posix.Clock;
import dev.flowlane.posix.Datagrams;
import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowCalls;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.MessageVector;
import dev.flowlane.posix.StampedMessage;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.Engine;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A flow's UDP socket as the loops see it: batches of messages out, batches of messages in. A batch goes through the
 * kernel in one call: as one segmented send (UDP_SEGMENT, UDP_GRO), or as a vector (sendmmsg, recvmmsg); through a ring
 * without segmentation one message at a time. Results are a number of messages, {@link FlowConnection#NOT_NOW}, or a
 * negative errno.
 */
final class DatagramPort implements AutoCloseable {
    private static final int AREA_BYTES = 64 << 10;

    /** More messages in one call are not worth more: a system call is a tenth of what a datagram costs. */
    static final int VECTOR = 32;

    private final Waiting waiting = new Waiting();
    private final Counters counters;
    private final ReceiveDelays delays;
    private final StampedMessage stampedMessage = new StampedMessage();
    private final Pattern pattern;
    private final MemorySegment sends = Buffers.unscoped(Arena.global().allocate(AREA_BYTES, 4096));
    private final MemorySegment received = Buffers.unscoped(Arena.global().allocate(AREA_BYTES, 4096));
    private final MessageVector sendVector = new MessageVector(VECTOR);
    private final MessageVector receiveVector = new MessageVector(VECTOR);

    private FlowCalls calls = FlowCalls.ofThisThread();
    private @Nullable RingSocket ring;
    private @Nullable RingSocket keptRing;
    private int fd = -1;
    private int flags;
    private int sendBytes;
    private int receiveBytes;
    private int receiveStride;
    private int batch;
    private long tickNs;

    /** Whether a batch is one send, cut by the kernel, or one receive that the kernel put together. */
    private boolean coalescing;

    private boolean maySplit;
    private boolean stamped;
    private long lastBytes;

    /** @param pattern what follows a header; good for the largest message */
    DatagramPort(Counters counters, ReceiveDelays delays, Pattern pattern) {
        this.counters = counters;
        this.delays = delays;
        this.pattern = pattern;
    }

    /**
     * Prepares a socket; {@link #detach} before it is closed.
     *
     * @param flow whose socket it is
     * @param outBytes size of every message sent
     * @param inBytes size of every message received
     * @param most messages that a batch may have
     */
    void attach(Flow flow, int outBytes, int inBytes, int most, long longestWaitNs) {
        tickNs = longestWaitNs;
        fd = flow.datagramFd();
        sendBytes = outBytes;
        receiveBytes = inBytes;
        coalescing = DatagramSetup.coalesces(flow);
        DatagramSettings settings = flow.settings().datagrams();
        maySplit = settings != null && settings.offload() == DatagramSettings.Offload.AUTO;
        stamped = flow.settings().receiveTimestamps();
        Engine engine = flow.settings().engine();
        waiting.attach(fd, engine, tickNs);
        flags = waiting.callFlags();
        calls = FlowCalls.ofThisThread();
        ring = engine == Engine.IO_URING ? ring(fd) : null;
        // One byte more than a message has, so that a longer one shows.
        receiveStride = inBytes + 1;
        batch = coalescing
                ? Math.clamp(Datagrams.MAX_PAYLOAD_BYTES / outBytes, 1, Datagrams.MAX_SEGMENTS)
                : Math.clamp(AREA_BYTES / Math.max(outBytes, receiveStride), 1, VECTOR);
        batch = Math.min(batch, most);
        for (int i = 0; i < batch; i++) {
            fill((long) i * outBytes);
        }
        if (!coalescing) {
            for (int i = 0; i < batch; i++) {
                sendVector.place(i, sends, (long) i * outBytes, outBytes);
                receiveVector.place(i, received, (long) i * receiveStride, receiveStride);
            }
        }
    }

    private void fill(long at) {
        int length = sendBytes - DatagramHeader.BYTES;
        int start = Pattern.start(DatagramHeader.BYTES, length);
        MemorySegment.copy(pattern.bytes(), JAVA_BYTE, start, sends, JAVA_BYTE, at + DatagramHeader.BYTES, length);
    }

    private RingSocket ring(int socket) {
        RingSocket kept = keptRing;
        if (kept == null) {
            kept = new RingSocket(counters);
            keptRing = kept;
        }
        kept.attach(socket, tickNs);
        return kept;
    }

    /** The socket stays open: it is the caller's. */
    void detach() {
        if (ring != null) {
            ring.detach();
            ring = null;
        }
        waiting.detach();
        fd = -1;
    }

    /** Ends what is under way in a ring, and counts it as far as it came. */
    void endPhase() {
        if (ring != null) {
            long messages = ring.cancel() / sendBytes;
            counters.sentMessages += messages;
            counters.sentBytes += messages * sendBytes;
        }
    }

    /** Messages that a batch has at most, in both directions. */
    int batch() {
        return batch;
    }

    /** Writes the header of a batch's message. */
    void prepare(int index, long number, long sentNs, int slot, int headerFlags) {
        DatagramHeader.write(sends, (long) index * sendBytes, number, sentNs, slot, headerFlags);
    }

    /** Sends prepared messages, waiting as the engine does. What was not taken has to be offered again as it is. */
    long send(int first, int count) {
        long n = trySend(first, count, flags);
        if (n == FlowConnection.NOT_NOW && waiting.await(Epoll.OUT)) {
            n = trySend(first, count, flags);
        }
        return n;
    }

    /** As {@link #send}, but never waits. */
    long sendNow(int first, int count) {
        return trySend(first, count, FlowSocket.MSG_DONTWAIT);
    }

    private long trySend(int first, int count, int how) {
        counters.sendCalls++;
        long from = (long) first * sendBytes;
        RingSocket through = ring;
        long n;
        if (coalescing) {
            long bytes = (long) count * sendBytes;
            n = through == null ? calls.send(fd, sends, from, bytes, how) : through.send(sends, from, bytes, how);
            n = n > 0 ? n / sendBytes : n;
        } else if (through != null) {
            n = sendEach(through, first, count, how);
        } else if (count == 1) {
            n = calls.send(fd, sends, from, sendBytes, how);
            n = n > 0 ? 1 : n;
        } else {
            n = calls.sendMessages(fd, sendVector, first, count, how);
        }
        if (n > 0) {
            counters.sentMessages += n;
            counters.sentBytes += n * sendBytes;
            return n;
        }
        if (n == -Errno.EIO && coalescing && maySplit) {
            split();
            return FlowConnection.NOT_NOW;
        }
        return passing(n) ? FlowConnection.NOT_NOW : n;
    }

    private long sendEach(RingSocket through, int first, int count, int how) {
        for (int i = 0; i < count; i++) {
            long n = through.send(sends, (long) (first + i) * sendBytes, sendBytes, how);
            if (n <= 0) {
                return i > 0 ? i : n;
            }
        }
        return count;
    }

    /** The device cannot cut segments, which only a send shows: its checksums are made by the CPU. */
    private void split() {
        Datagrams.setSegmentBytes(fd, 0);
        coalescing = false;
        batch = Math.min(batch, VECTOR);
        for (int i = 0; i < batch; i++) {
            sendVector.place(i, sends, (long) i * sendBytes, sendBytes);
        }
    }

    /**
     * What a datagram socket may say and has not failed: what somebody on the way answered to an earlier datagram, and
     * a full queue of the device. Should the peer be gone, its TCP connection tells.
     */
    private static boolean passing(long result) {
        return switch ((int) -result) {
            case Errno.EAGAIN, Errno.EINTR, Errno.ECONNREFUSED, Errno.EHOSTUNREACH, Errno.ENETUNREACH, Errno.ENOBUFS ->
                true;
            default -> false;
        };
    }

    /** Receives a batch; what it brought is at {@link #at} in {@link #received}. */
    long receive() {
        long n = tryReceive(flags | FlowSocket.MSG_WAITFORONE, tickNs);
        if (n == FlowConnection.NOT_NOW && waiting.await(Epoll.IN)) {
            n = tryReceive(flags | FlowSocket.MSG_WAITFORONE, tickNs);
        }
        return n;
    }

    /** As {@link #receive}, but never waits. */
    long receiveNow() {
        return tryReceive(FlowSocket.MSG_DONTWAIT, 0);
    }

    /**
     * As {@link #receive}, waiting no longer than told.
     *
     * @param waitNs not above 0: not at all
     * @param orUntilRoom whether to look up, too, when there is room to send
     */
    long receiveWithin(long waitNs, boolean orUntilRoom) {
        if (ring != null) {
            // A receive that is under way there has what the socket had: only the ring knows.
            return tryReceive(0, Math.clamp(waitNs, 0, tickNs));
        }
        if (waitNs > 0) {
            int events = orUntilRoom ? FlowSocket.POLLIN | FlowSocket.POLLOUT : FlowSocket.POLLIN;
            if (!waiting.awaitFor(events, waitNs)) {
                return FlowConnection.NOT_NOW;
            }
        }
        return tryReceive(FlowSocket.MSG_DONTWAIT, 0);
    }

    /** Lets time pass, at most a tick. */
    void pause(long waitNs) {
        if (waitNs > 0) {
            waiting.awaitFor(0, waitNs);
        }
    }

    /** @param waitNs how long a ring waits; the socket's own calls go by {@code how} */
    private long tryReceive(int how, long waitNs) {
        counters.receiveCalls++;
        RingSocket through = ring;
        if (through == null && !inOne()) {
            long n = stamped ? receiveStamped(how) : calls.receiveMessages(fd, receiveVector, batch, how);
            return n > 0 || !passing(n) ? n : FlowConnection.NOT_NOW;
        }
        int plain = how & ~FlowSocket.MSG_WAITFORONE;
        if (through != null) {
            // The ring waits, not the receive in it: one that gave up at once would complete with nothing.
            plain = 0;
        }
        long n;
        if (through != null) {
            n = through.receive(received, AREA_BYTES, plain, waitNs);
        } else if (stamped) {
            n = calls.receiveStamped(fd, stampedMessage, received, 0, AREA_BYTES, plain);
            if (n >= 0) {
                delays.book(stampedMessage.stampNs());
            }
        } else {
            n = calls.recv(fd, received, 0, AREA_BYTES, plain);
        }
        if (n < 0) {
            return passing(n) ? FlowConnection.NOT_NOW : n;
        }
        lastBytes = n;
        // A datagram of no bytes is one, too. All of ours are of one size, so there is no need to ask for the size of
        // the segments (UDP_GRO's control message): what is not of that size is not ours.
        return Math.max(1, Math.ceilDiv(n, receiveBytes));
    }

    /** Each message of a vector has a timestamp of its own; the call's return is one for all. */
    private long receiveStamped(int how) {
        receiveVector.awaitStamps(batch);
        long n = calls.receiveMessages(fd, receiveVector, batch, how);
        if (n > 0) {
            long nowNs = Clock.realtimeNs();
            for (int i = 0; i < n; i++) {
                delays.book(receiveVector.stampNs(i), nowNs);
            }
        }
        return n;
    }

    private boolean inOne() {
        return coalescing || batch == 1;
    }

    /** Where in {@link #received} a message of the last batch is. */
    long at(int index) {
        return ring != null || inOne() ? (long) index * receiveBytes : (long) index * receiveStride;
    }

    /** Whether a message of the last batch has the right length, and a header. */
    boolean isMessage(int index) {
        if (ring != null || inOne()) {
            long end = (long) (index + 1) * receiveBytes;
            return end <= lastBytes && DatagramHeader.isAt(received, at(index));
        }
        return receiveVector.length(index) == receiveBytes && DatagramHeader.isAt(received, at(index));
    }

    /** Index in its message of the first byte that is not the pattern's, or -1. */
    long wrongAt(int index) {
        long at = at(index);
        long from = at + DatagramHeader.BYTES;
        if (receiveBytes == DatagramHeader.BYTES) {
            return -1;
        }
        long wrong = pattern.mismatch(received, from, at + receiveBytes, DatagramHeader.BYTES);
        return wrong < 0 ? -1 : wrong - at;
    }

    MemorySegment received() {
        return received;
    }

    @Override
    public void close() {
        if (keptRing != null) {
            keptRing.close();
        }
        waiting.close();
    }
}
