package dev.flowlane.localfleet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Ports of the broker. They are chosen here and not by the broker, so that everything that has to know them starts at
 * the same time as the broker does.
 *
 * @param broker where clients connect
 * @param controller where the broker's own controller listens
 */
record Ports(int broker, int controller) {
    /** Two ports that were free a moment ago; somebody else may still take one, which the broker then says. */
    static Ports pick() {
        try (ServerSocket first = free();
                ServerSocket second = free()) {
            return new Ports(first.getLocalPort(), second.getLocalPort());
        } catch (IOException e) {
            throw new FleetException("no free TCP port on 127.0.0.1: " + FleetException.reason(e), e,
                    "see what holds them: ss -tan | wc -l; and the range: sysctl net.ipv4.ip_local_port_range");
        }
    }

    String bootstrap() {
        return "127.0.0.1:" + broker;
    }

    private static ServerSocket free() throws IOException {
        ServerSocket socket = new ServerSocket();
        // Connections to an earlier broker that are in TIME_WAIT do not matter to a listener.
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        return socket;
    }
}
