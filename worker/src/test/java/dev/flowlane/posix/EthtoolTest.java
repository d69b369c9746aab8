package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

final class EthtoolTest {
    private static final Path NET = Path.of("/sys/class/net");

    @Test
    void anInterfaceThatIsNotThereIsUnknown() {
        assertThat(Ethtool.ask("nosuchlink0")).isEqualTo(Ethtool.Answer.UNKNOWN);
    }

    @Test
    void aNameThatNoInterfaceCanHaveIsUnknown() {
        assertThat(Ethtool.ask("")).isEqualTo(Ethtool.Answer.UNKNOWN);
        assertThat(Ethtool.ask("sixteen-bytes-ok")).isEqualTo(Ethtool.Answer.UNKNOWN);
    }

    @Test
    void loopbackHasNoHashing() {
        assertThat(Ethtool.ask("lo").hashing()).isNull();
    }

    /** Whatever is on the machine that runs this: the answer agrees with /sys. */
    @Test
    void driversAreThoseOfSysfs() throws IOException {
        List<String> names;
        try (Stream<Path> links = Files.list(NET)) {
            names = links.map(link -> link.getFileName().toString()).toList();
        }
        for (String name : names) {
            Path driver = NET.resolve(name).resolve("device/driver");
            Ethtool.Answer answer = Ethtool.ask(name);
            if (Files.exists(driver) && !answer.driver().isEmpty()) {
                assertThat(answer.driver()).isEqualTo(driver.toRealPath().getFileName().toString());
            }
            Ethtool.Hashing hashing = answer.hashing();
            if (hashing != null) {
                assertThat(hashing.table()).allMatch(ring -> ring >= 0 && ring < 4096);
                assertThat(hashing.keyHex()).hasSizeLessThanOrEqualTo(512);
            }
        }
    }
}
