package dev.flowlane.localfleet;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Scanner;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the broker. They are chosen here and not by the broker, so that everything that has to know them starts at
 * the same time as the broker does.
 *
 * @param broker where clients connect
 * @param controller where the broker's own controller listens
 */
public record Ports(int broker, int controller) {
    private static final Path EPHEMERAL_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int LOWEST = 15_000;
    private static final int ATTEMPTS = 64;

    /**
     * Two ports that were free a moment ago. They are below the range from which the kernel gives ports to whoever asks
     * for any: the rest of the fleet does that, and connects, in the seconds until the broker listens. Somebody may
     * still take one by its number, which the broker then says.
     */
    public static Ports pick() {
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
        int ephemeralFrom = ephemeralFrom();
        for (int attempt = 0; attempt < ATTEMPTS && ephemeralFrom > LOWEST + 1_000; attempt++) {
            try {
                return listen(ThreadLocalRandom.current().nextInt(LOWEST, ephemeralFrom));
            } catch (IOException e) {
                // Taken: another one.
            }
        }
        return listen(0);
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            // Connections to an earlier broker that are in TIME_WAIT do not matter to a listener.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static int ephemeralFrom() {
        // In one call: a second read of a file below /proc/sys says end of file, whatever the first one left.
        byte[] text = new byte[64];
        try (InputStream in = Files.newInputStream(EPHEMERAL_RANGE)) {
            int length = Math.max(in.read(text), 0);
            return new Scanner(new String(text, 0, length, StandardCharsets.US_ASCII)).nextInt();
        } catch (IOException | NoSuchElementException e) {
            return 32_768; // Linux's default.
        }
    }
}
