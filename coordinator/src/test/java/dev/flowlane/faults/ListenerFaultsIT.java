package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Strangers at the data listener. */
@ExtendWith(SharedFleet.class)
final class ListenerFaultsIT {
    /** A handshake may take two seconds; the rest is for a machine that is kept from its work. Else it has no end. */
    private static final Duration CLOSED_WITHIN = Duration.ofSeconds(20);

    @Test
    @DisplayName("row 18: port scanner, garbage, half-open and slow connections in mid-run")
    void strangers(FaultFleet fleet) throws Exception {
        int port = fleet.dataPort(FaultFleet.B);
        double handshakesBefore = fleet.metric(FaultFleet.B, "flowlane_handshakes_total");
        String run = fleet.running("duration: 5s\nwarmup: 0s\ninterval: 200ms\n", 2);
        byte[] garbage = new byte[4096];
        new Random(18).nextBytes(garbage);
        byte[] web = "GET / HTTP/1.1\r\nHost: b\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

        List<Socket> strangers = new ArrayList<>();
        try {
            // A scanner connects and leaves.
            for (int i = 0; i < 20; i++) {
                connect(port).close();
            }
            for (int i = 0; i < 10; i++) {
                strangers.add(connect(port));
                strangers.add(saying(port, garbage));
                strangers.add(saying(port, web));
            }
            Socket slow = connect(port);
            strangers.add(slow);
            long beganNs = System.nanoTime();
            // A byte now and then does not keep it open.
            await("the end of the slow one").atMost(CLOSED_WITHIN.multipliedBy(2)).pollInterval(Duration.ofMillis(200))
                    .until(() -> isClosedAfterAByte(slow));
            assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(CLOSED_WITHIN);
            for (Socket stranger : strangers) {
                await("the end of a stranger").atMost(CLOSED_WITHIN).until(() -> isClosed(stranger));
            }
        } finally {
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }

        assertThat(fleet.completed(run).getIntervalsMissing()).isZero();
        assertThat(fleet.metric(FaultFleet.B, "flowlane_handshakes_total") - handshakesBefore)
                .as("handshakes, each stranger's and the run's own").isGreaterThanOrEqualTo(20 + 30 + 1);
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(50);
        return socket;
    }

    private static Socket saying(int port, byte[] words) throws IOException {
        Socket socket = connect(port);
        try {
            socket.getOutputStream().write(words);
        } catch (IOException _) {
            // Closed at the first wrong byte.
        }
        return socket;
    }

    private static boolean isClosedAfterAByte(Socket socket) {
        try {
            // The first of what a peer would say.
            socket.getOutputStream().write('F');
            return isClosed(socket);
        } catch (IOException e) {
            return true;
        }
    }

    /** Whether the other side has closed; what it says before is read away. */
    private static boolean isClosed(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                // A greeting.
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
