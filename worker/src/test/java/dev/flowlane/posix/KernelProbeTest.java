package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What is found out by trying agrees with what the kernel says of itself elsewhere. */
final class KernelProbeTest {
    private static List<String> words(String file) throws Exception {
        return Arrays.asList(Files.readString(Path.of(file)).strip().split("\\s+"));
    }

    @Test
    void tlsIsThereWhereTheKernelListsItAndNeverWithoutACipher() throws Exception {
        String tls = KernelProbe.tls();
        // Trying as root loads the module.
        boolean listed = words("/proc/sys/net/ipv4/tcp_available_ulp").contains("tls");
        if (listed) {
            assertThat(tls).isEmpty();
            assertThat(KernelProbe.tls(KernelTls.Version.TLS_1_2, KernelTls.Cipher.AES_GCM_128)).isEmpty();
        } else {
            assertThat(tls)
                    .startsWith("setsockopt(TCP_ULP): ENOENT tls")
                    .endsWith("its module is not loaded: modprobe tls");
            assertThat(KernelProbe.tls(KernelTls.Version.TLS_1_3, KernelTls.Cipher.AES_GCM_256)).contains("ENOENT");
            assertThat(KernelProbe.tlsNoPad()).contains("ENOENT");
        }
    }

    @Test
    void hugePagesAreThereWhereSomeAreFree() throws Exception {
        List<String> memory = words("/proc/meminfo");
        int at = memory.indexOf("HugePages_Free:");
        int free = at < 0 ? 0 : Integer.parseInt(memory.get(at + 1));
        if (free > 0) {
            assertThat(KernelProbe.hugePages()).isEmpty();
        } else {
            assertThat(KernelProbe.hugePages()).startsWith("mmap: E").contains("1 huge pages of 2 MiB");
        }
    }

    @Test
    void whatEveryKernelOfTheseYearsHasIsThere() {
        assertThat(KernelProbe.zerocopySend()).isEmpty();
        assertThat(KernelProbe.timestamping()).isEmpty();
        assertThat(KernelProbe.udpSegment()).isEmpty();
        assertThat(KernelProbe.udpGro()).isEmpty();
    }

    @Test
    void whatAnEngineCannotHaveItsOperationsCannotEither() {
        if (!KernelProbe.ioUring().isEmpty()) {
            assertThat(KernelProbe.ioUringZerocopySend()).isEqualTo(KernelProbe.ioUring());
        }
    }

    @Test
    void nothingIsLeftOpen() throws Exception {
        all();
        Set<String> before = Descriptors.open();
        all();
        assertThat(before).containsAll(Descriptors.open());
    }

    private static void all() {
        for (KernelTls.Version version : KernelTls.Version.values()) {
            for (KernelTls.Cipher cipher : KernelTls.Cipher.values()) {
                KernelProbe.tls(version, cipher);
            }
        }
        List<String> answers = List.of(
                KernelProbe.tls(),
                KernelProbe.tlsNoPad(),
                KernelProbe.ioUring(),
                KernelProbe.ioUringZerocopySend(),
                KernelProbe.ioUringZerocopyReceive(),
                KernelProbe.zerocopySend(),
                KernelProbe.zerocopyReceive(),
                KernelProbe.busyPoll(),
                KernelProbe.udpSegment(),
                KernelProbe.udpGro(),
                KernelProbe.timestamping(),
                KernelProbe.hugePages(),
                KernelProbe.sctp(),
                KernelProbe.rds());
        assertThat(answers).doesNotContainNull();
    }
}
