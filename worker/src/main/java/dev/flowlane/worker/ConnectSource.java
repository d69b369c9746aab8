package dev.flowlane.worker;

import dev.flowlane.posix.BriefSockets;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowCalls;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.CpuConnections;
import org.jspecify.annotations.Nullable;

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
        CONNECTING,
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
    }

    @Override
    Flow.@Nullable End prepare() {
        Flow.End failure = introduction.hear(flow);
        if (failure == null) {
            InetSocketAddress peer = Sockets.remoteAddress(flow.fd());
            sockets.aim(
                    new InetSocketAddress(peer.getAddress(), introduction.port()),
                    Sockets.localAddress(flow.fd()),
                    flow.settings().socket().noDelay());
        }
        return failure;
    }

    @Override
    void release() {
        if (fd >= 0) {
            sockets.reset(fd);
            fd = -1;
        }
        state = State.IDLE;
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
                case CONNECTING -> connected();
                case SENDING -> send();
                case RECEIVING -> receive();
                case CLOSING -> awaitEnd();
            };
        } while (more);
        nowNs = System.nanoTime();
        if (state != State.IDLE && nowNs - startedNs >= timeoutNs) {
            broke();
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
            return broke();
        }
        int result = sockets.connect(fd);
        if (result != 0 && result != -Errno.EINPROGRESS) {
            return broke();
        }
        state = result == 0 ? State.SENDING : State.CONNECTING;
        return true;
    }

    private boolean connected() {
        // The engine that never sleeps looks whether it is done; the others wait.
        if (FlowSocket.poll(fd, FlowSocket.POLLOUT, connection.waiting().longestWaitNs()) == 0) {
            return false;
        }
        if (sockets.pendingError(fd) < 0) {
            return broke();
        }
        state = State.SENDING;
        return true;
    }

    private boolean send() {
        counters.sendCalls++;
        long n;
        if (sentBytes < firstBytes) {
            long left = firstBytes - sentBytes;
            n = calls.send(fd, introduction.head(), sentBytes, left, FlowSocket.MSG_DONTWAIT);
        } else {
            long at = sentBytes - Introduction.HEADER_BYTES;
            long length = Math.min(requestBytes - at, writeBytes);
            n = calls.send(fd, connection.pattern().bytes(), Pattern.start(at), length, FlowSocket.MSG_DONTWAIT);
        }
        if (n < 0) {
            return notYet(n, FlowSocket.POLLOUT);
        }
        sentBytes += n;
        if (sentBytes == Introduction.HEADER_BYTES + (long) requestBytes) {
            counters.sentBytes += requestBytes;
            state = State.RECEIVING;
        }
        return true;
    }

    private boolean receive() {
        counters.receiveCalls++;
        long length = Math.min(responseBytes - receivedBytes, readBytes);
        long n = calls.recv(fd, connection.received(), 0, length, FlowSocket.MSG_DONTWAIT);
        if (n <= 0) {
            return n == 0 ? broke() : notYet(n, FlowSocket.POLLIN);
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
            sockets.reset(fd);
            over();
        } else {
            state = State.CLOSING;
        }
    }

    private boolean awaitEnd() {
        counters.receiveCalls++;
        long n = calls.recv(fd, connection.received(), 0, 1, FlowSocket.MSG_DONTWAIT);
        if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
            return connection.waiting().awaitOther(fd, FlowSocket.POLLIN) && sleeps();
        }
        sockets.close(fd);
        over();
        return false;
    }

    private void over() {
        fd = -1;
        state = State.IDLE;
        lastEndNs = System.nanoTime();
    }

    /** After a call that would have waited, or failed. */
    private boolean notYet(long result, int event) {
        if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
            return connection.waiting().awaitOther(fd, event) && sleeps();
        }
        return broke();
    }

    /** An engine that never sleeps ends its turn instead, and tries again in the next. */
    private boolean sleeps() {
        return connection.waiting().longestWaitNs() > 0;
    }

    private boolean broke() {
        counters.failedConnections++;
        if (fd >= 0) {
            sockets.reset(fd);
        }
        over();
        retryNs = lastEndNs + RETRY_NS;
        return false;
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
