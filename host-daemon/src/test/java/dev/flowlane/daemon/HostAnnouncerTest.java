package dev.flowlane.daemon;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Environment;
import dev.flowlane.avro.EnvironmentFact;
import dev.flowlane.avro.Host;
import dev.flowlane.daemon.inventory.EnvironmentReader;
import dev.flowlane.daemon.inventory.FeatureReader;
import dev.flowlane.daemon.inventory.Machine;
import dev.flowlane.daemon.inventory.NicReader;
import dev.flowlane.daemon.inventory.SteeringLookup;
import dev.flowlane.posix.KernelFeature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** What is announced, and when again; loopback as a tree shows it. */
class HostAnnouncerTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    private Path root;

    private long nowNs;

    /** Why there are none. */
    private String hugePages = "";

    @Test
    void theInterfacesOfTheDataAddressesAreAnnounced() throws IOException {
        rpsMask("0");

        Host host = announcer().announce(true, NOON);

        assertThat(host.getNics()).singleElement().satisfies(nic -> {
            assertThat(nic.getName()).isEqualTo("lo");
            assertThat(nic.getKind().name()).isEqualTo("LOOPBACK");
            assertThat(nic.getQueues()).hasSize(1);
        });
        assertThat(host.getDataAddresses()).extracting(address -> address.getAddress())
                .containsExactly("127.0.0.1", "::1");
    }

    @Test
    void aChangeIsAnnouncedAtTheNextLookAndOnce() throws IOException {
        rpsMask("0");
        HostAnnouncer announcer = announcer();
        Host first = announcer.announce(true, NOON);
        rpsMask("3");

        assertThat(announcer.changed(NOON.plusSeconds(29))).as("not before its time").isEmpty();
        nowNs += HostAnnouncer.LOOK_PERIOD.toNanos();
        assertThat(announcer.changed(NOON.plusSeconds(30))).hasValueSatisfying(changed -> {
            assertThat(changed.getEventTime()).isAfter(first.getEventTime());
            assertThat(changed.getNics().getFirst().getQueues().getFirst().getRpsCpus()).isEqualTo("0-1");
        });
        nowNs += HostAnnouncer.LOOK_PERIOD.toNanos();
        assertThat(announcer.changed(NOON.plusSeconds(60))).isEmpty();
    }

    @Test
    void aSysctlThatIsWrittenIsAnnouncedWithANewFingerprint() throws IOException {
        rpsMask("0");
        Path sysctl = root.resolve("proc/sys/net/core/rmem_max");
        Files.createDirectories(sysctl.getParent());
        Files.writeString(sysctl, "212992\n");
        HostAnnouncer announcer = announcer();
        Environment first = requireNonNull(announcer.announce(true, NOON).getEnvironment());
        nowNs += HostAnnouncer.LOOK_PERIOD.toNanos();
        assertThat(announcer.changed(NOON.plusSeconds(30))).isEmpty();

        Files.writeString(sysctl, "16777216\n");
        nowNs += HostAnnouncer.LOOK_PERIOD.toNanos();

        Environment second = requireNonNull(
                announcer.changed(NOON.plusSeconds(60)).orElseThrow().getEnvironment());
        assertThat(second.getFacts())
                .contains(new EnvironmentFact("sysctl.net.core.rmem_max", "16777216"));
        assertThat(second.getFingerprint()).matches("[0-9a-f]{64}").isNotEqualTo(first.getFingerprint());
        assertThat(announcer.announce(false, NOON.plusSeconds(90)).getEnvironment()).isEqualTo(second);
    }

    @Test
    void nothingIsAnnouncedBeforeTheFirstTime() throws IOException {
        rpsMask("0");
        nowNs += HostAnnouncer.LOOK_PERIOD.toNanos();

        assertThat(announcer().changed(NOON)).isEmpty();
    }

    @Test
    void aFeatureThatComesIsAnnounced() throws IOException {
        rpsMask("0");
        hugePages = "mmap: ENOMEM";
        HostAnnouncer announcer = announcer();
        assertThat(announcer.announce(true, NOON).getKernelFeatures())
                .contains(new dev.flowlane.avro.KernelFeature("huge-pages", false, "mmap: ENOMEM"));
        hugePages = "";
        nowNs += HostAnnouncer.LOOK_PERIOD.toNanos();
        assertThat(announcer.changed(NOON).orElseThrow().getKernelFeatures())
                .contains(new dev.flowlane.avro.KernelFeature("huge-pages", true, ""));
    }

    private void rpsMask(String mask) throws IOException {
        Path link = root.resolve("sys/class/net/lo");
        Files.createDirectories(link.resolve("queues/rx-0"));
        Files.writeString(link.resolve("flags"), "0x9\n");
        Files.writeString(link.resolve("queues/rx-0/rps_cpus"), mask + "\n");
    }

    private HostAnnouncer announcer() {
        HostRecord host = new HostRecord(
                "host-a",
                "i",
                "m",
                "1",
                NOON,
                Machine.read(root),
                List.of(
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 7411),
                        new InetSocketAddress(InetAddress.ofLiteral("::1"), 7411)));
        return new HostAnnouncer(
                host,
                new SteeringLookup(root, () -> nowNs),
                NicReader.below(root),
                FeatureReader.below(root, feature -> feature == KernelFeature.HUGE_PAGES ? hugePages : ""),
                EnvironmentReader.below(root),
                () -> nowNs);
    }
}
