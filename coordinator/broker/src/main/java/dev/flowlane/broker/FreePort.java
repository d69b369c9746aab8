package dev.flowlane.broker;

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

/** Ports to listen on. */
final class FreePort {
    private static final Path EPHEMERAL_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int LOWEST = 15_000;
    private static final int ATTEMPTS = 64;

    private FreePort() {}

    /**
     * A port on which nobody listens now. Below the range from which the kernel takes the ports of outgoing
     * connections, so that none of those gets hold of it before the broker does.
     *
     * @param taken another one that was found already
     */
    static int find(int taken) throws IOException {
        int ephemeralFrom = ephemeralFrom();
        for (int attempt = 0; attempt < ATTEMPTS && ephemeralFrom > LOWEST + 1_000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, ephemeralFrom);
            if (port != taken && isFree(port)) {
                return port;
            }
        }
        try (ServerSocket socket = listen(0)) {
            return socket.getLocalPort();
        }
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = listen(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        // As the broker itself: a port in TIME_WAIT is free.
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        return socket;
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
