package dev.flowlane.core.steering;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors that Microsoft publishes in "Verifying the RSS hash calculation". */
class ToeplitzTest {
    static final String KEY = "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa";

    private final Toeplitz toeplitz = Toeplitz.of(KEY);

    @ParameterizedTest
    @CsvSource({
        "161.142.100.80, 1766, 66.9.149.187, 2794, 323e8fc2, 51ccc178",
        "65.69.140.83, 4739, 199.92.111.2, 14230, d718262a, c626b0ea",
        "12.22.207.184, 38024, 24.19.198.95, 12898, d2d0a5de, 5c2b394a",
        "209.142.163.6, 2217, 38.27.205.30, 48228, 82989176, afc7327f",
        "202.188.127.2, 1303, 153.39.163.191, 44251, 5d1809c5, 10e828a2",
        "3ffe:2501:200:3::1, 1766, 3ffe:2501:200:1fff::7, 2794, 2cc18cd5, 40207d3d",
        "ff02::1, 4739, 3ffe:501:8::260:97ff:fe40:efab, 14230, 0f0c461c, dde51bbf",
        "fe80::200:f8ff:fe21:67cf, 38024, 3ffe:1900:4545:3:200:f8ff:fe21:67cf, 44251, 4b61e985, 02d1feef"
    })
    void addressesAloneAndWithPorts(
            String destination, int destinationPort, String source, int sourcePort, String alone, String withPorts) {
        FourTuple packet = new FourTuple(address(source), sourcePort, address(destination), destinationPort);

        assertThat(hex(toeplitz.hash(packet, Toeplitz.Fields.ADDRESSES))).isEqualTo(alone);
        assertThat(hex(toeplitz.hash(packet, Toeplitz.Fields.FOUR_TUPLE))).isEqualTo(withPorts);
        assertThat(hex(toeplitz.hash(packet, Toeplitz.Fields.ofLetters("sdfn")))).isEqualTo(withPorts);
    }

    @Test
    void theWayBackHashesOtherwise() {
        FourTuple packet = new FourTuple(address("66.9.149.187"), 2794, address("161.142.100.80"), 1766);

        assertThat(toeplitz.hash(packet.reversed(), Toeplitz.Fields.FOUR_TUPLE))
                .isNotEqualTo(toeplitz.hash(packet, Toeplitz.Fields.FOUR_TUPLE));
        assertThat(packet.reversed().reversed()).isEqualTo(packet);
    }

    @Test
    void aKeyThatIsTooShortForIpv6IsRefused() {
        assertThatThrownBy(() -> Toeplitz.of(KEY.substring(2))).hasMessageContaining("40 bytes, not 39");
        assertThatThrownBy(() -> Toeplitz.of("xy".repeat(40))).isInstanceOf(IllegalArgumentException.class);
    }

    private static String hex(int hash) {
        return String.format("%08x", hash);
    }

    static IpAddress address(String text) {
        return requireNonNull(IpAddress.parse(text), text);
    }
}
