package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.InetAddress;

final class AddressTextTest {
    /** Left as Java writes it, right as RFC 5952, section 4 wants it. */
    @ParameterizedTest
    @CsvSource({
        "10.77.0.1, 10.77.0.1",
        "0:0:0:0:0:0:0:1, ::1",
        "0:0:0:0:0:0:0:0, ::",
        "fd77:0:0:0:0:0:0:1, fd77::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:DB8::A, 2001:db8::a",
        "1:0:0:0:0:0:0:0, 1::"
    })
    void oneAddressHasOneText(String literal, String text) {
        assertThat(AddressText.of(InetAddress.ofLiteral(literal))).isEqualTo(text);
        assertThat(InetAddress.ofLiteral(text)).isEqualTo(InetAddress.ofLiteral(literal));
    }
}
