package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class AbiTest {
    @Test
    void epollEventIsPackedOnX86Only() {
        assertThat(Abi.of("Linux", "amd64")).isEqualTo(Abi.X86_64);
        assertThat(Abi.X86_64.epollEventBytes).isEqualTo(12);
        assertThat(Abi.X86_64.epollDataOffset).isEqualTo(4);
        assertThat(Abi.of("Linux", "aarch64")).isEqualTo(Abi.AARCH64);
        assertThat(Abi.AARCH64.epollEventBytes).isEqualTo(16);
        assertThat(Abi.AARCH64.epollDataOffset).isEqualTo(8);
    }

    @Test
    void systemCallNumbersAreThoseOfTheHeaders() {
        assertThat(Abi.X86_64.sendtoCall).isEqualTo(44);
        assertThat(Abi.X86_64.recvfromCall).isEqualTo(45);
        assertThat(Abi.AARCH64.sendtoCall).isEqualTo(206);
        assertThat(Abi.AARCH64.recvfromCall).isEqualTo(207);
    }

    @Test
    void otherPlatformsAreRefusedByName() {
        assertThatThrownBy(() -> Abi.of("Linux", "riscv64"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("riscv64");
        assertThatThrownBy(() -> Abi.of("Mac OS X", "aarch64")).isInstanceOf(UnsupportedOperationException.class);
    }
}
