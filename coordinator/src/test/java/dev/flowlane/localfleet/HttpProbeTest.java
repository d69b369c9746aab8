package dev.flowlane.localfleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

final class HttpProbeTest {
    @Test
    void statusAndBody() throws Exception {
        assertThat(answer("HTTP/1.0 503 Service Unavailable\r\nX: y\r\n\r\nnot ready: kafka\n"))
                .contains(new HttpProbe.Answer(503, "not ready: kafka\n"));
    }

    @Test
    void whatIsNotHttpIsNoAnswer() throws Exception {
        assertThat(answer("SSH-2.0-OpenSSH\r\n\r\n")).isEmpty();
        assertThat(answer("")).isEmpty();
        assertThat(answer("HTTP/1.1")).isEmpty();
    }

    @Test
    void nobodyIsNoAnswer() throws IOException {
        String address;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = "127.0.0.1:" + server.getLocalPort();
        }
        assertThat(HttpProbe.get(address, "/livez")).isEmpty();
        assertThat(HttpProbe.get("nonsense", "/livez")).isEmpty();
    }

    private static Optional<HttpProbe.Answer> answer(String bytes) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = Thread.ofPlatform().start(() -> {
                try (Socket socket = server.accept()) {
                    while (socket.getInputStream().read() != '\n') {
                        // The rest of the request stays unread; it is shorter than the socket's buffer.
                    }
                    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Optional<HttpProbe.Answer> answer = HttpProbe.get("127.0.0.1:" + server.getLocalPort(), "/readyz");
            answering.join();
            return answer;
        }
    }
}
