package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.flowlane.core.run.Limit;
import dev.flowlane.core.run.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

final class LimitsFileTest {
    @TempDir
    Path folder = Path.of(".");

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("limits.properties"), text);
    }

    @Test
    void amountsHaveTheUnitsOfSpecs() throws IOException {
        Limits limits = LimitsFile.read(file("""
                limits.*.flows=64
                limits.*.rate=10Gbit/s
                limits.*.requests=20000
                limits.*.duration=1h30m
                limits.*.runs=3
                limits.ann.lee.flows=unlimited
                """));

        assertThat(limits.of("bob@desk", Limit.FLOWS)).isEqualTo(64);
        assertThat(limits.of("bob@desk", Limit.RATE)).isEqualTo(10_000_000_000L);
        assertThat(limits.of("bob@desk", Limit.REQUESTS)).isEqualTo(20_000);
        assertThat(limits.of("bob@desk", Limit.DURATION)).isEqualTo(Duration.ofMinutes(90).toNanos());
        assertThat(limits.of("bob@desk", Limit.RUNS)).isEqualTo(3);
        assertThat(limits.of("ann.lee@desk", Limit.FLOWS)).isEqualTo(Long.MAX_VALUE);
        assertThat(limits.of("ann.lee@desk", Limit.RUNS)).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "flows=3|not limits.NAME.WHAT",
        "limits.flows=3|not limits.NAME.WHAT",
        "limits.*.lanes=3|unknown limit 'lanes'; there are flows, rate, requests, duration, runs",
        "limits.*.flows=many|limits.*.flows=many: not a whole number, nor unlimited",
        "limits.*.flows=-1|is below 0",
        "limits.*.rate=fast|a rate is a number of bits per second",
        "limits.*.duration=300000000d|too large",
        "limits.ann@desk.flows=3|write limits.ann.flows"
    })
    void whatIsWrongIsNamedWithFileAndKey(String line, String why) throws IOException {
        Path file = file(line);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> LimitsFile.read(file))
                .withMessageStartingWith("--limits " + file + ": ")
                .withMessageContaining(why);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LimitsFile.read(folder.resolve("none")))
                .withMessageContaining("none");
    }
}
