package dev.flowlane.daemon.plane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.PosixException;
import org.junit.jupiter.api.Test;

class DialingTest {
    private static final Endpoint ANY_PORT = new Endpoint("10.0.0.1", 0);
    private static final Endpoint OWN_PORT = new Endpoint("10.0.0.1", 16_384);
    private static final Dialing.Scarce SCARCE = new Dialing.Scarce(() -> "40000-40001", () -> "64");

    @Test
    void whatHasRunOutIsToldWithTheNumbers() {
        assertThat(refusal(Errno.EMFILE, ANY_PORT)).contains("EMFILE", "the daemon may have 64", "ulimit -n");
        assertThat(refusal(Errno.EADDRNOTAVAIL, ANY_PORT))
                .contains("EADDRNOTAVAIL", "net.ipv4.ip_local_port_range is 40000-40001");
    }

    @Test
    void aPortThatWasAskedForIsAnotherMatter() {
        assertThat(refusal(Errno.EADDRNOTAVAIL, OWN_PORT)).contains("is open already").doesNotContain("range");
        assertThat(refusal(Errno.EADDRINUSE, OWN_PORT)).contains("somebody else's at 10.0.0.1");
        assertThat(refusal(Errno.EADDRINUSE, ANY_PORT)).isEqualTo("connect: EADDRINUSE 10.0.0.2:7");
    }

    @Test
    void anythingElseIsToldAsItIs() {
        assertThat(refusal(Errno.ENETUNREACH, ANY_PORT)).isEqualTo("connect: ENETUNREACH 10.0.0.2:7");
        assertThat(Dialing.refusal(new IllegalArgumentException("no such device"), ANY_PORT, SCARCE))
                .isEqualTo("no such device");
        assertThat(Dialing.refusal(new PosixException("socket", Errno.EMFILE), ANY_PORT)).containsPattern("have \\d+");
        assertThat(Dialing.refusal(new PosixException("connect", Errno.EADDRNOTAVAIL), ANY_PORT))
                .containsPattern("range is \\d+-\\d+");
    }

    private static String refusal(int errno, Endpoint local) {
        return Dialing.refusal(new PosixException("connect", errno, "10.0.0.2:7"), local, SCARCE);
    }
}
