package dev.flowlane.worker;

import dev.flowlane.posix.ConnectOptions;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** TCP connections of this machine to itself. */
final class Loopback {
    private static final long TIMEOUT_NS = 5_000_000_000L;

    private Loopback() {}

    /** A connection: first is the connecting end, second the accepting one. */
    static SocketPair tcp() {
        return tcp("127.0.0.1", ConnectOptions.NONE);
    }

    /** As {@link #tcp()}, by that loopback address. */
    static SocketPair tcp(String address, ConnectOptions options) {
        int listener = Sockets.listen(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 1);
        try {
            int source = Sockets.connect(Sockets.localAddress(listener), null, options);
            if (FlowSocket.poll(listener, FlowSocket.POLLIN, TIMEOUT_NS) == 0) {
                throw new IllegalStateException("no connection came");
            }
            int destination = Sockets.accept(listener);
            FlowSocket.poll(source, FlowSocket.POLLOUT, TIMEOUT_NS);
            return new SocketPair(source, destination);
        } finally {
            Sockets.close(listener);
        }
    }
}
