package dev.flowlane.core.steering;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.InetAddress;
import java.util.stream.IntStream;

class IpAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "10.77.0.1", "255.255.255.255", "0.0.0.0", "::", "::1", "fd77::1", "1:2:3:4:5:6:7:8", "0:0:0:0:0:0:0:1",
        "2001:db8::ff00:42:8329", "1::", "64:ff9b::192.0.2.33", "FE80::A"
    })
    void theBytesAreThoseOfTheLiteral(String text) {
        byte[] expected = InetAddress.ofLiteral(text).getAddress();
        IpAddress address = ToeplitzTest.address(text);

        assertThat(IntStream.range(0, address.sizeBytes()).map(address::at).boxed().toList())
                .isEqualTo(IntStream.range(0, expected.length).map(i -> expected[i] & 0xff).boxed().toList());
        assertThat(address.isIpv4()).isEqualTo(expected.length == 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "host-a", "10.0.0", "10.0.0.256", "10.0.0.-1", "1.2.3.4.5", "10.0.0.", "1:2:3", "1:2:3:4:5:6:7:8:9", ":::",
        "1::2::3", "12345::", "fe80::1%2", "::g", "1.2.3.4::", "::1.2.3", "1:2:3:4:5:6:7::8", "٣.0.0.1"
    })
    void everythingElseIsNone(String text) {
        assertThat(IpAddress.parse(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"::1, 0:0:0:0:0:0:0:1, true", "10.0.0.1, 10.0.0.1, true", "::1, ::2, false", "::, 0.0.0.0, false"})
    void equalityIsThatOfTheBytes(String one, String other, boolean equal) {
        assertThat(ToeplitzTest.address(one).equals(ToeplitzTest.address(other))).isEqualTo(equal);
    }
}
