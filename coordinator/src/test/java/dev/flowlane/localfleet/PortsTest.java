package dev.flowlane.localfleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.RepeatedTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Ports of a broker that is yet to start. */
final class PortsTest {
    private static final Path EPHEMERAL_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    @RepeatedTest(20)
    void nobodyIsGivenThemWhoAsksForAnyPort() throws IOException {
        int ephemeralFrom = Integer.parseInt(Files.readAllLines(EPHEMERAL_RANGE).getFirst().split("\\s+", -1)[0]);
        assumeTrue(ephemeralFrom > 16_000, "here everybody is given ports from " + ephemeralFrom + " on");

        Ports ports = Ports.pick();

        assertThat(ports.broker()).isNotEqualTo(ports.controller()).isBetween(1_024, ephemeralFrom - 1);
        assertThat(ports.controller()).isBetween(1_024, ephemeralFrom - 1);
    }
}
