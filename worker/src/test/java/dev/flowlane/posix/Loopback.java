package dev.flowlane.posix;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;

/** A TCP connection of this process with itself; both ends are non-blocking. */
record Loopback(int listener, int client, int server) implements AutoCloseable {
    private static final long PATIENCE_NS = 60_000_000_000L;

    /** Both families' loopback addresses. */
    static Stream<InetAddress> addresses() {
        return Stream.of(address("127.0.0.1"), address("::1"));
    }

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException notALiteral) {
            throw new IllegalArgumentException(notALiteral);
        }
    }

    static Loopback open() {
        return open(address("127.0.0.1"));
    }

    static Loopback open(InetAddress address) {
        int listener = Sockets.listen(new InetSocketAddress(address, 0), 16);
        int client = Sockets.connect(Sockets.localAddress(listener), new InetSocketAddress(address, 0));
        awaitReady(listener, FlowSocket.POLLIN);
        int server = Sockets.accept(listener);
        awaitReady(client, FlowSocket.POLLOUT);
        return new Loopback(listener, client, server);
    }

    static int awaitReady(int fd, int events) {
        int happened = FlowSocket.poll(fd, events, PATIENCE_NS);
        if (happened <= 0) {
            throw new AssertionError("fd " + fd + " did not become ready: " + happened);
        }
        return happened;
    }

    @Override
    public void close() {
        Sockets.close(client);
        Sockets.close(server);
        Sockets.close(listener);
    }
}
