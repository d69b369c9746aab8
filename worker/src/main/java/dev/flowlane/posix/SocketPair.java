package dev.flowlane.posix;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Two descriptors connected to each other; both belong to whoever asked for them. */
public record SocketPair(int first, int second) {
    private static final long TIMEOUT_NS = 10_000_000_000L;

    /**
     * Of TCP, over the IPv4 loopback address, non-blocking; the second was accepted.
     *
     * @throws PosixException when the loopback device is down, ETIMEDOUT when nothing comes through it
     */
    public static SocketPair tcp() {
        int listener = Sockets.listen(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 1);
        try {
            int first = Sockets.connect(Sockets.localAddress(listener), null);
            FlowSocket.poll(listener, FlowSocket.POLLIN, TIMEOUT_NS);
            int second = Sockets.accept(listener);
            if (second < 0) {
                Sockets.close(first);
                throw new PosixException("accept", Errno.ETIMEDOUT, "127.0.0.1");
            }
            FlowSocket.poll(first, FlowSocket.POLLOUT, TIMEOUT_NS);
            return new SocketPair(first, second);
        } finally {
            Sockets.close(listener);
        }
    }
}
