package dev.flowlane.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;

final class BrokerArgumentsTest {
    @Test
    void everyOptionIsRead() {
        assertThat(BrokerArguments.parse(List.of(
                        "--data-dir", "/d", "--address", "10.1.2.3", "--port", "9092", "--controller-port", "9093",
                        "--port-file", "/p",
                        "--exit-with-stdin")))
                .isEqualTo(new BrokerArguments(
                        Path.of("/d"), InetAddress.ofLiteral("10.1.2.3"), 9092, 9093, Path.of("/p"), true));
    }

    @Test
    void portsAreFreeOnesByDefault() {
        assertThat(BrokerArguments.parse(List.of("--data-dir", "/d")))
                .isEqualTo(new BrokerArguments(Path.of("/d"), InetAddress.ofLiteral("127.0.0.1"), 0, 0, null, false));
    }

    @ParameterizedTest
    @CsvSource({
        "--port 9092, --data-dir is missing",
        "--data-dir, --data-dir needs a value",
        "--data-dir /d --port x, --port: 'x' is not a port",
        "--data-dir /d --port 65536, --port: '65536' is not a port",
        "--data-dir /d --address 0.0.0.0, --address: '0.0.0.0' is not the IP address of an interface",
        "--data-dir /d --address kafka, --address: 'kafka' is not the IP address of an interface",
        "--data-dir /d --prot 1, unknown option --prot",
        "--data-dir /d --port 5 --controller-port 5, --port and --controller-port are both 5",
    })
    void wrongCommandLineIsNamed(String line, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BrokerArguments.parse(List.of(line.split(" ", -1))))
                .withMessageContaining(message);
    }

    @Test
    void portThatIsListenedOnIsNotFree() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThat(FreePort.isFree(socket.getLocalPort())).isFalse();
        }
    }

    @Test
    void freePortIsFree() throws IOException {
        assertThat(FreePort.isFree(FreePort.find(0))).isTrue();
    }
}
