package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.posix.ConnectOptions;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.SocketOptions;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Beginning a candidate connection, and what to say when that fails at once. */
final class Dialing {
    private Dialing() {}

    /**
     * Begins a connection.
     *
     * @param local where it comes from; port 0: the kernel chooses
     * @return its descriptor, which is the caller's
     * @throws PosixException when an option is refused or it fails at once, for one because the source port is in use
     */
    static int dial(InetSocketAddress remote, Endpoint local, SocketOptions options) {
        InetAddress source = InetAddress.ofLiteral(local.address());
        return Sockets.connect(remote, new InetSocketAddress(source, local.port()), beforeConnect(options));
    }

    /** The rest is for the worker. */
    private static ConnectOptions beforeConnect(SocketOptions options) {
        return new ConnectOptions(
                options.maxSegmentBytes(),
                options.sendBufferBytes(),
                options.receiveBufferBytes(),
                options.congestionControl(),
                options.dscp(),
                options.flowLabel(),
                options.sourceDevice());
    }

    /**
     * Why a connection could not be begun; without the port, so that ports refused alike are counted together. A
     * four-tuple in TIME_WAIT is no obstacle to a socket that is bound to its port, unless TCP timestamps are off
     * (tcp_twsk_unique in net/ipv4/tcp_ipv4.c).
     */
    static String refusal(RuntimeException e, Endpoint local) {
        int errno = local.port() != 0 && e instanceof PosixException posix ? posix.errno() : 0;
        return switch (errno) {
            case Errno.EADDRINUSE -> "bind: EADDRINUSE, the source port is somebody else's at " + local.address();
            case Errno.EADDRNOTAVAIL ->
                text(e) + ", a connection from the source port to it is open already, or ended less than a minute ago"
                        + " where net.ipv4.tcp_timestamps is 0";
            default -> text(e);
        };
    }

    static String text(RuntimeException e) {
        return e.getMessage() == null ? "unknown error" : e.getMessage();
    }
}
