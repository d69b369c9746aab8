package dev.flowlane.worker;

import dev.flowlane.posix.ConnectOptions;
import dev.flowlane.posix.Datagrams;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** TCP connections of this machine to itself. */
final class Loopback {
    private static final long TIMEOUT_NS = 60_000_000_000L;

    private Loopback() {}

    /** A connection: first is the connecting end, second the accepting one. */
    static SocketPair tcp() {
        return tcp("127.0.0.1", ConnectOptions.NONE);
    }

    /** UDP sockets connected to each other. */
    static SocketPair udp(String address) {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(address), 0);
        int first = Datagrams.open(any, null);
        int second = Datagrams.open(any, null);
        Datagrams.connect(first, Sockets.localAddress(second));
        Datagrams.connect(second, Sockets.localAddress(first));
        return new SocketPair(first, second);
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
