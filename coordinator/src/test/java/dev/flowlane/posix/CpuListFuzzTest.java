package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzText;

/** Lists of CPUs as the kernel and users write them. */
final class CpuListFuzzTest extends FuzzText {
    CpuListFuzzTest() {
        super("0-3,8", "0", "0-1023\n", "");
    }

    @Override
    protected void read(String text) {
        try {
            CpuSet cpus = CpuSet.parse(text);
            assertThat(CpuSet.parse(cpus.toString())).isEqualTo(cpus);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
