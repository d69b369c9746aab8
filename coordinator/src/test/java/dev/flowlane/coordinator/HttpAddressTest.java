package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpAddressTest {
    @Test
    void namesAndAddressesWithAPortAreTaken() {
        assertThat(HttpAddress.parse("127.0.0.1:0")).isEqualTo(new HttpAddress("127.0.0.1", 0));
        assertThat(HttpAddress.parse("[::1]:8080")).isEqualTo(new HttpAddress("::1", 8080)).hasToString("[::1]:8080");
        assertThat(HttpAddress.parse("localhost:65535")).hasToString("localhost:65535");
    }

    @ParameterizedTest
    @CsvSource({
        "8080, is not HOST:PORT",
        "localhost:http, is not a port number",
        "localhost:65536, not within 0 and 65535",
        ":80, the host is missing",
        "::1:80, needs brackets"
    })
    void everythingElseIsRefusedWithItsReason(String text, String reason) {
        assertThatThrownBy(() -> HttpAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void loopbackIsKnownByItsAddress() {
        assertThat(HttpAddress.parse("127.0.0.1:0").isLoopback()).isTrue();
        assertThat(HttpAddress.parse("[::1]:0").isLoopback()).isTrue();
        assertThat(HttpAddress.parse("0.0.0.0:0").isLoopback()).isFalse();
    }
}
