package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.Fuzz;
import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;

/** The kernel's files: short, long and other than expected. */
class ProcFuzzTest {
    @Test
    void procStat() {
        Fuzz.target("proc-stat")
                .from("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu1 1 2 3 4 5 6 7 8\nintr 1 2 3\n")
                .runText(text -> {
                    try {
                        assertThat(ProcStat.parse(
                                        new BufferedReader(new StringReader(text)), CpuSet.parse("0-3"), 1))
                                .allMatch(times -> times.cpu() >= 0 && times.cpu() <= 3);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }
}
