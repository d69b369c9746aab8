package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Field;

final class ErrnoTest {
    @Test
    void everyConstantHasItsOwnName() throws IllegalAccessException {
        for (Field constant : Errno.class.getFields()) {
            assertThat(Errno.name(constant.getInt(null))).isEqualTo(constant.getName());
        }
    }

    @Test
    void numbersThatLinuxDoesNotHaveAreShownAsNumbers() {
        assertThat(Errno.name(41)).isEqualTo("errno 41");
        assertThat(Errno.name(133)).isEqualTo("EHWPOISON");
        assertThat(Errno.name(134)).isEqualTo("errno 134");
        assertThat(Errno.name(0)).isEqualTo("errno 0");
        assertThat(Errno.name(-1)).isEqualTo("errno -1");
    }

    @Test
    void exceptionNamesCallErrorAndSubject() {
        PosixException failure = new PosixException("connect", Errno.ECONNREFUSED, "10.0.0.2:7411");

        assertThat(failure).hasMessage("connect: ECONNREFUSED 10.0.0.2:7411");
        assertThat(failure.errno()).isEqualTo(Errno.ECONNREFUSED);
        assertThat(new PosixException("listen", Errno.EADDRINUSE)).hasMessage("listen: EADDRINUSE");
    }
}
