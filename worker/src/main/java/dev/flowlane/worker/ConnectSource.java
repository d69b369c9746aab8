package dev.flowlane.worker;

import dev.flowlane.posix.BriefSockets;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowCalls;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.CpuConnections;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.PortRange;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Opens a connection, sends a request, waits for its whole response and for the connection's end, and again. Timed from
 * before connect to the last byte of the response; the end of the connection counts for the rate only.
 *
 * <p>The destination closes first, so that connections in TIME_WAIT keep its one port busy and none of this host's; or
 * this end closes with a reset, and none stays at all. What fails is counted and tried again a little later: a refused
 * connection, or a lack of ports, never ends the flow and never makes it spin.
 */
final class ConnectSource extends SourceLoop {
    private enum State {
        IDLE,
        /** Connecting, too: a send tells how that went. */
        SENDING,
        RECEIVING,
        CLOSING
    }

    /** After a failure: some time for ports to come free and for the peer to come back. */
    private static final long RETRY_NS = 1_000_000;

    private final Introduction introduction = new Introduction();
    private final BriefSockets sockets = BriefSockets.create();
    private final ReceiveCpus receiveCpus = new ReceiveCpus();
    private FlowCalls calls = FlowCalls.ofThisThread();

    /** null: plain calls that never wait, and ppoll. */
    private @Nullable BriefRing ring;

    private @Nullable BriefRing keptRing;

    private State state = State.IDLE;
    private int fd = -1;
    private boolean resetClose;
    private int firstBytes;
    private long sentBytes;
    private long receivedBytes;
    private long startedNs;
    private long retryNs;
    private long timeoutNs;
    private long lastEndNs;
    private long nowNs;

    ConnectSource(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        calls = FlowCalls.ofThisThread();
        resetClose = next.settings().course().resetClose();
        firstBytes = Introduction.HEADER_BYTES + Math.min(requestBytes, Introduction.FIRST_PAYLOAD_BYTES);
        // A connection that hangs is given up before the flow's end would be.
        timeoutNs = Math.max(1, drainTimeoutNs / 2);
        state = State.IDLE;
        fd = -1;
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
        Flow.End failure = introduction.hear(flow);
        if (failure == null) {
            InetSocketAddress peer = Sockets.remoteAddress(flow.fd());
            sockets.aim(
                    new InetSocketAddress(peer.getAddress(), introduction.port()),
                    Sockets.localAddress(flow.fd()),
                    flow.settings().socket().noDelay(),
                    ring != null);
            PortRange ports = flow.settings().course().sourcePorts();
            if (ports != null) {
                sockets.usePorts(ports.first(), ports.count());
            }
        }
        return failure;
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
        state = State.IDLE;
    }

    @Override
    void close() {
        if (keptRing != null) {
            keptRing.close();
        }
    }

    @Override
    void begin(long startNs) {
        nowNs = startNs;
        retryNs = startNs;
        lastEndNs = startNs;
        introduction.say(false);
        super.begin(startNs);
    }

    @Override
    void windowOpened(long openedNs) {
        introduction.say(true);
        receiveCpus.clear();
    }

    @Override
    Turn turn() {
        boolean more;
        do {
            more = switch (state) {
                case IDLE -> dial();
                case SENDING -> send();
                case RECEIVING -> receive();
                case CLOSING -> awaitEnd();
            };
        } while (more);
        nowNs = System.nanoTime();
        if (state != State.IDLE && nowNs - startedNs >= timeoutNs) {
            broke(0);
        }
        if (state == State.IDLE) {
            checkLimits(nowNs);
        }
        meter.turn(nowNs);
        return due(nowNs) ? attend(nowNs, state == State.IDLE) : Turn.GO_ON;
    }

    private boolean dial() {
        if (nowNs - retryNs < 0) {
            connection.pause(earlier(retryNs, attendAtNs) - nowNs);
            return false;
        }
        startedNs = System.nanoTime();
        sentBytes = 0;
        receivedBytes = 0;
        fd = sockets.open();
        if (fd < 0) {
            return broke(fd);
        }
        if (ring != null) {
            ring.connect(fd);
            state = State.SENDING;
            return true;
        }
        int result = sockets.connect(fd);
        if (result != 0 && result != -Errno.EINPROGRESS) {
            return broke(result);
        }
        state = State.SENDING;
        return true;
    }

    private boolean send() {
        counters.sendCalls++;
        long n;
        if (sentBytes < firstBytes) {
            n = trySend(introduction.head(), sentBytes, firstBytes - sentBytes);
        } else {
            long at = sentBytes - Introduction.HEADER_BYTES;
            long length = Math.min(requestBytes - at, writeBytes);
            n = trySend(connection.pattern().bytes(), Pattern.start(at, length), length);
        }
        if (n < 0) {
            return notYet(n, FlowSocket.POLLOUT);
        }
        sentBytes += n;
        if (sentBytes == wholeBytes()) {
            if (ring == null) {
                counters.sentBytes += requestBytes;
            }
            state = State.RECEIVING;
            // The answer is never there yet: who sleeps does so before it looks, and not after.
            return !sleeps() || waited(FlowSocket.POLLIN);
        }
        return true;
    }

    private boolean sleeps() {
        return ring == null && connection.waiting().longestWaitNs() > 0;
    }

    private long trySend(MemorySegment from, long offset, long length) {
        BriefRing through = ring;
        return through == null
                ? calls.send(fd, from, offset, length, FlowSocket.MSG_DONTWAIT)
                : through.send(fd, from, offset, length, sentBytes + length == wholeBytes());
    }

    private long wholeBytes() {
        return Introduction.HEADER_BYTES + (long) requestBytes;
    }

    private long tryReceive(long length) {
        counters.receiveCalls++;
        BriefRing through = ring;
        return through == null
                ? calls.recv(fd, connection.received(), 0, length, FlowSocket.MSG_DONTWAIT)
                : through.receive(fd, connection.received(), 0, length);
    }

    private boolean receive() {
        long n = tryReceive(Math.min(responseBytes - receivedBytes, readBytes));
        if (n <= 0) {
            return n == 0 ? broke(0) : notYet(n, FlowSocket.POLLIN);
        }
        if (ring != null && receivedBytes == 0) {
            // What goes with a receive is known to be sent when that brings something.
            counters.sentBytes += requestBytes;
        }
        check.look(connection.pattern(), connection.received(), n, receivedBytes);
        if (check.wrongAt() >= 0) {
            counters.payloadErrors++;
        }
        receivedBytes += n;
        if (receivedBytes == responseBytes) {
            answered();
            return !resetClose;
        }
        return true;
    }

    private void answered() {
        meter.roundTrip(System.nanoTime() - startedNs);
        counters.receivedBytes += responseBytes;
        counters.transactions++;
        receiveCpus.count(fd);
        if (resetClose) {
            // At once, and not with the next call: the destination waits for it, and this may be the last.
            sockets.reset(fd);
            closed();
            over();
        } else {
            state = State.CLOSING;
        }
    }

    private boolean awaitEnd() {
        long n = tryReceive(1);
        if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
            return waited(FlowSocket.POLLIN);
        }
        hangUp();
        over();
        return false;
    }

    private void closed() {
        if (ring != null) {
            ring.closed();
        }
    }

    private void hangUp() {
        if (ring == null || flow.settings().course().sourcePorts() != null) {
            // A ring closes a little later than it connects: too late for the next connection from the same port.
            sockets.close(fd);
            closed();
        } else {
            ring.close(fd);
        }
    }

    private void over() {
        fd = -1;
        state = State.IDLE;
        lastEndNs = System.nanoTime();
    }

    /** After a call that would have waited, or failed. */
    private boolean notYet(long result, int event) {
        return (result == -Errno.EAGAIN || result == -Errno.EINTR) ? waited(event) : broke(result);
    }

    /** An engine that never sleeps ends its turn instead, and tries again in the next; a ring has waited. */
    private boolean waited(int event) {
        return ring == null && connection.waiting().awaitOther(fd, event) && sleeps();
    }

    /** @param failure negative errno, or 0 for a connection that ended too early or takes too long */
    private boolean broke(long failure) {
        counters.failedConnections++;
        if (failure == -Errno.EADDRINUSE || failure == -Errno.EADDRNOTAVAIL) {
            counters.portlessConnections++;
        }
        if (fd >= 0) {
            abandon();
        }
        over();
        retryNs = lastEndNs + RETRY_NS;
        return false;
    }

    private void abandon() {
        if (ring == null || !ring.abandon()) {
            sockets.reset(fd);
        }
        fd = -1;
    }

    @Override
    List<CpuConnections> connections() {
        return receiveCpus.toList();
    }

    @Override
    long windowEndNs() {
        return lastEndNs;
    }
}
