package dev.flowlane.daemon.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.KernelFeature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What a machine can do, by trees that look like one and by this machine itself. */
final class FeatureReaderTest {
    @TempDir
    private Path root;

    private Feature feature(KernelFeature wanted, String whyNot) {
        return FeatureReader.below(root, _ -> whyNot).read().stream()
                .filter(feature -> feature.feature() == wanted)
                .findFirst()
                .orElseThrow();
    }

    private void networkInterface(String name, String driver) throws IOException {
        Path device = Files.createDirectories(root.resolve("sys/class/net").resolve(name).resolve("device"));
        Path drivers = Files.createDirectories(root.resolve("drivers").resolve(driver));
        Files.createSymbolicLink(device.resolve("driver"), drivers);
    }

    @Test
    void everyFeatureIsSpokenOfOnce() {
        List<Feature> features = FeatureReader.ofSystem().read();
        assertThat(features).extracting(Feature::feature).containsExactly(KernelFeature.values());
        assertThat(features).allMatch(feature -> feature.available() || !feature.reason().isEmpty());
        assertThat(Arrays.stream(KernelFeature.values()).map(KernelFeature::word)).doesNotHaveDuplicates();
    }

    @Test
    void whatCanBeTriedIsWhatTheAttemptSays() {
        assertThat(feature(KernelFeature.TLS, "")).isEqualTo(new Feature(KernelFeature.TLS, true, ""));
        assertThat(feature(KernelFeature.TLS, "ENOENT")).isEqualTo(new Feature(KernelFeature.TLS, false, "ENOENT"));
    }

    @Test
    void aMissingDeviceIsNamed() throws IOException {
        assertThat(feature(KernelFeature.TCP_DEVMEM, "").reason())
                .isEqualTo("no interface lends a device's memory to its receive queues; there is none but loopback");
        networkInterface("eth0", "virtio_net");
        assertThat(feature(KernelFeature.PSP, ""))
                .isEqualTo(new Feature(
                        KernelFeature.PSP, false, "no interface encrypts by PSP; there is eth0 (virtio_net)"));
        assertThat(feature(KernelFeature.RDMA, "").available()).isFalse();
    }

    @Test
    void aDeviceThatMightDoIsNotTakenForADataPath() throws IOException {
        networkInterface("eth7", "mlx5_core");
        Feature devmem = feature(KernelFeature.TCP_DEVMEM, "");
        assertThat(devmem.available()).isFalse();
        assertThat(devmem.reason()).startsWith("eth7 (mlx5_core) may be a device that lends").endsWith("not use it");
        assertThat(feature(KernelFeature.IO_URING_ZEROCOPY_RECEIVE, "it came with Linux 6.15").reason())
                .isEqualTo("it came with Linux 6.15");
    }

    @Test
    void devicesOfRdmaAreNamed() throws IOException {
        Files.createDirectories(root.resolve("sys/class/infiniband/mlx5_0"));
        assertThat(feature(KernelFeature.RDMA, "")).isEqualTo(new Feature(KernelFeature.RDMA, true, "mlx5_0"));
    }
}
