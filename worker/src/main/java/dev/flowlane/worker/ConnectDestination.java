package dev.flowlane.worker;

import dev.flowlane.posix.BriefSockets;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowCalls;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.KindFigures;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * Accepts connections at a port of its own, one after the other, as the source opens them: reads the request, answers,
 * closes. The flow's own connection says when it is over. Who does not begin with the flow's token is closed at once,
 * and who says nothing is not waited for long.
 */
final class ConnectDestination extends DestinationLoop {
    private enum State {
        AWAITING,
        READING,
        ANSWERING,
        /** The source closes, with a reset. */
        CLOSING
    }

    /** The source has one connection at a time; room for strangers, and for those that it has given up. */
    private static final int BACKLOG = 128;

    /** A header comes right after its connection; whoever takes longer is a stranger. */
    private static final long HEADER_TIMEOUT_NS = 200_000_000;

    /** How often an engine that never sleeps looks whether the flow is over. A power of two. */
    private static final int LOOKS_PER_LOOK_AT_END = 64;

    private final Introduction introduction = new Introduction();
    private final BriefSockets sockets = BriefSockets.create();
    private final ReceiveCpus receiveCpus = new ReceiveCpus();
    private FlowCalls calls = FlowCalls.ofThisThread();

    /** null: plain calls that never wait, and ppoll. */
    private @Nullable BriefRing ring;

    private @Nullable BriefRing keptRing;

    private State state = State.AWAITING;
    private int listener = -1;
    private int fd = -1;
    private boolean resetClose;
    private boolean windowOpen;
    private boolean over;
    private int looks;
    private int firstBytes;
    private long receivedBytes;
    private long sentBytes;
    private long acceptedNs;

    ConnectDestination(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        // The header says when the window begins, not a mark.
        check.begin(false, next.settings().validatePayload());
        calls = FlowCalls.ofThisThread();
        resetClose = next.settings().course().resetClose();
        firstBytes = Introduction.HEADER_BYTES + Math.min(requestBytes, Introduction.FIRST_PAYLOAD_BYTES);
        state = State.AWAITING;
        windowOpen = false;
        over = false;
        receiveCpus.clear();
        if (next.settings().engine() == Engine.IO_URING) {
            keptRing = BriefRing.attached(keptRing, sockets, connection.waiting().longestWaitNs());
            ring = keptRing;
        } else {
            ring = null;
        }
    }

    @Override
    Flow.@Nullable End prepare() {
        InetSocketAddress mine = Sockets.localAddress(flow.fd());
        listener = Sockets.listen(new InetSocketAddress(mine.getAddress(), 0), BACKLOG);
        // Accepted connections have it from their listener.
        Sockets.setNoDelay(listener, flow.settings().socket().noDelay());
        return introduction.announce(flow, Sockets.localAddress(listener).getPort());
    }

    @Override
    void release() {
        if (fd >= 0) {
            abandon();
        }
        if (ring != null) {
            ring.detach();
            ring = null;
        }
        if (listener >= 0) {
            sockets.close(listener);
            listener = -1;
        }
    }

    @Override
    void close() {
        if (keptRing != null) {
            keptRing.close();
        }
    }

    @Override
    int trafficFd() {
        return listener;
    }

    @Override
    boolean windowSeen() {
        return windowOpen;
    }

    @Override
    Turn turn() {
        boolean more;
        do {
            more = switch (state) {
                case AWAITING -> accept();
                case READING -> read();
                case ANSWERING -> answer();
                case CLOSING -> awaitEnd();
            };
        } while (more);
        if (over) {
            return Turn.FINISHED;
        }
        long nowNs = System.nanoTime();
        if (state == State.READING && receivedBytes == 0 && nowNs - acceptedNs >= HEADER_TIMEOUT_NS) {
            leave();
        }
        return endOfTurn(nowNs);
    }

    private boolean accept() {
        // The next connection is seldom there yet: who sleeps does so before it looks, and not after.
        if (sleeps()) {
            int readable = sockets.awaitEither(listener, flow.fd(), connection.waiting().longestWaitNs());
            if (readable <= 0) {
                return false;
            }
            if ((readable & BriefSockets.FIRST) == 0) {
                lookAtEnd();
                return false;
            }
        }
        int taken = ring == null ? sockets.accept(listener) : ring.accept(listener, flow.fd());
        if (taken >= 0) {
            fd = taken;
            receivedBytes = 0;
            sentBytes = 0;
            acceptedNs = System.nanoTime();
            state = State.READING;
            return true;
        }
        if (!sleeps() && mayBeOver()) {
            lookAtEnd();
        }
        return false;
    }

    /** Nothing is ever said on the flow's own connection: what can be read there is its end, or it is broken. */
    private void lookAtEnd() {
        long n = calls.recv(flow.fd(), connection.received(), 0, 1, FlowSocket.MSG_DONTWAIT);
        over = n != -Errno.EAGAIN && n != -Errno.EINTR;
    }

    /** For an engine that does not sleep here: whether to look at the flow's own connection. */
    private boolean mayBeOver() {
        if (ring != null) {
            return ring.takeEnded();
        }
        Thread.onSpinWait();
        return (++looks & (LOOKS_PER_LOOK_AT_END - 1)) == 0;
    }

    private boolean sleeps() {
        return ring == null && connection.waiting().longestWaitNs() > 0;
    }

    private boolean read() {
        if (receivedBytes < firstBytes) {
            long n = tryReceive(introduction.head(), receivedBytes, firstBytes - receivedBytes);
            if (n <= 0) {
                return n == 0 ? broke() : notYet(n, FlowSocket.POLLIN);
            }
            receivedBytes += n;
            return receivedBytes < firstBytes || begun();
        }
        long at = receivedBytes - Introduction.HEADER_BYTES;
        long n = tryReceive(connection.received(), 0, Math.min(requestBytes - at, readBytes));
        if (n <= 0) {
            return n == 0 ? broke() : notYet(n, FlowSocket.POLLIN);
        }
        check.look(connection.pattern(), connection.received(), n, at);
        countWrong();
        receivedBytes += n;
        return complete();
    }

    private long tryReceive(MemorySegment into, long offset, long length) {
        counters.receiveCalls++;
        BriefRing through = ring;
        return through == null
                ? calls.recv(fd, into, offset, length, FlowSocket.MSG_DONTWAIT)
                : through.receive(fd, into, offset, length);
    }

    /** The header is there, and the first part of the request. */
    private boolean begun() {
        if (!introduction.proven()) {
            return leave();
        }
        long nowNs = System.nanoTime();
        if (!meter.begun()) {
            meter.begin(nowNs);
            plan();
            meter.announce();
        }
        if (!windowOpen && introduction.saysMeasured()) {
            windowOpen = true;
            check.openWindow();
            receiveCpus.clear();
            meter.openWindow(nowNs);
            plan();
            meter.announce();
        }
        check.look(connection.pattern(), introduction.payload(), firstBytes - Introduction.HEADER_BYTES, 0);
        countWrong();
        return complete();
    }

    private void countWrong() {
        if (check.wrongAt() >= 0) {
            counters.payloadErrors++;
        }
    }

    private boolean complete() {
        if (receivedBytes == Introduction.HEADER_BYTES + (long) requestBytes) {
            counters.receivedBytes += requestBytes;
            receiveCpus.count(fd);
            state = State.ANSWERING;
        }
        return true;
    }

    private boolean answer() {
        counters.sendCalls++;
        long length = Math.min(responseBytes - sentBytes, writeBytes);
        long n = trySend(Pattern.start(sentBytes, length), length);
        if (n < 0) {
            return notYet(n, FlowSocket.POLLOUT);
        }
        sentBytes += n;
        if (sentBytes < responseBytes) {
            return true;
        }
        counters.sentBytes += responseBytes;
        counters.transactions++;
        if (resetClose) {
            state = State.CLOSING;
            // The source has yet to receive the answer.
            return !sleeps() || waited(FlowSocket.POLLIN);
        }
        if (ring == null) {
            sockets.close(fd);
        } else {
            ring.closed();
        }
        return next();
    }

    /** Through a ring the last send closes, too, when it is this end that has to. */
    private long trySend(int start, long length) {
        BriefRing through = ring;
        MemorySegment from = connection.pattern().bytes();
        if (through == null) {
            return calls.send(fd, from, start, length, FlowSocket.MSG_DONTWAIT);
        }
        return sentBytes + length == responseBytes && !resetClose
                ? through.sendAndClose(fd, from, start, length)
                : through.send(fd, from, start, length, false);
    }

    private boolean awaitEnd() {
        long n = tryReceive(connection.received(), 0, 1);
        if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
            return notYet(n, FlowSocket.POLLIN);
        }
        // A reset, usually.
        if (ring == null) {
            sockets.close(fd);
        } else {
            ring.close(fd);
        }
        return next();
    }

    private boolean next() {
        fd = -1;
        state = State.AWAITING;
        lastTrafficNs = System.nanoTime();
        return false;
    }

    private boolean notYet(long result, int event) {
        if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
            return waited(event);
        }
        return broke();
    }

    /** An engine that never sleeps ends its turn instead, and tries again in the next; a ring has waited. */
    private boolean waited(int event) {
        return ring == null && connection.waiting().awaitOther(fd, event) && sleeps();
    }

    /** The source has given the connection up, or something on the way has. */
    private boolean broke() {
        if (receivedBytes >= firstBytes) {
            counters.failedConnections++;
        }
        return leave();
    }

    private boolean leave() {
        abandon();
        state = State.AWAITING;
        return false;
    }

    private void abandon() {
        if (ring == null || !ring.abandon()) {
            sockets.reset(fd);
        }
        fd = -1;
    }

    @Override
    KindFigures ofKind() {
        return new KindFigures(null, null, receiveCpus.toList());
    }
}
