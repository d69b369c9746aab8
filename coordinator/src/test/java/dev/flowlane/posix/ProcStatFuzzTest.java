package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzText;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;

/** The kernel's times of CPUs: short, long and other than expected. */
final class ProcStatFuzzTest extends FuzzText {
    ProcStatFuzzTest() {
        super("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu1 1 2 3 4 5 6 7 8\nintr 1 2 3\n");
    }

    @Override
    protected void read(String text) {
        try {
            assertThat(ProcStat.parse(new BufferedReader(new StringReader(text)), CpuSet.parse("0-3"), 1))
                    .allMatch(times -> times.cpu() >= 0 && times.cpu() <= 3);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
