package dev.flowlane.localfleet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One GET over loopback. Java's HTTP client would take longer to load than a fleet takes to answer. */
final class HttpProbe {
    private static final int CONNECT_MS = 500;
    private static final int READ_MS = 2_000;
    private static final int LONGEST_ANSWER = 1 << 20;

    private HttpProbe() {}

    /**
     * An answer.
     *
     * @param status status code
     * @param body text of it
     */
    record Answer(int status, String body) {}

    /** The answer; empty when nobody listens, or what answers does not speak HTTP. */
    static Optional<Answer> get(String address, String path) {
        int colon = address.lastIndexOf(':');
        try (Socket socket = new Socket()) {
            int port = Integer.parseInt(address.substring(colon + 1));
            socket.connect(new InetSocketAddress(InetAddress.getByName(address.substring(0, colon)), port), CONNECT_MS);
            socket.setSoTimeout(READ_MS);
            String request = "GET " + path + " HTTP/1.0\r\nHost: " + address + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8);
            int body = answer.indexOf("\r\n\r\n");
            if (!answer.startsWith("HTTP/1.") || body < 0) {
                return Optional.empty();
            }
            return Optional.of(new Answer(Integer.parseInt(answer.substring(9, 12)), answer.substring(body + 4)));
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
