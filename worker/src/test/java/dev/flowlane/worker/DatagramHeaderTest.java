package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

final class DatagramHeaderTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(64);

    @Test
    void itsBytesAreThoseOfTheFormat() {
        DatagramHeader.write(
                memory, 3, 0x0102030405060708L, 0x1112131415161718L, 1023,
                DatagramHeader.MEASURED | DatagramHeader.RESPONSE);

        byte[] bytes = memory.asSlice(3, DatagramHeader.BYTES).toArray(ValueLayout.JAVA_BYTE);
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("01020304050607081112131415161718464c574403ff0003");
    }

    @Test
    void whatWasWrittenIsRead() {
        DatagramHeader.write(memory, 5, Long.MAX_VALUE, -1, 65_535, DatagramHeader.SETTLING);

        assertThat(DatagramHeader.isAt(memory, 5)).isTrue();
        assertThat(DatagramHeader.number(memory, 5)).isEqualTo(Long.MAX_VALUE);
        assertThat(DatagramHeader.sentNs(memory, 5)).isEqualTo(-1);
        assertThat(DatagramHeader.slot(memory, 5)).isEqualTo(65_535);
        assertThat(DatagramHeader.flags(memory, 5)).isEqualTo(DatagramHeader.SETTLING);
    }

    @Test
    void otherBytesAreNoHeader() {
        DatagramHeader.write(memory, 0, 1, 2, 0, 0);
        memory.set(ValueLayout.JAVA_BYTE, 17, (byte) 0);
        assertThat(DatagramHeader.isAt(memory, 0)).isFalse();

        DatagramHeader.write(memory, 0, -1, 2, 0, 0);
        assertThat(DatagramHeader.isAt(memory, 0)).isFalse();
    }
}
