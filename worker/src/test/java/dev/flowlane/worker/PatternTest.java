package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

final class PatternTest {
    private static final int LONGEST = 70_000;

    private final Pattern pattern = new Pattern(Arena.ofAuto(), LONGEST);

    private MemorySegment stretch(long streamOffset, int length) {
        MemorySegment bytes = Arena.ofAuto().allocate(length);
        for (int i = 0; i < length; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (1 + (streamOffset + i) % 255));
        }
        return bytes;
    }

    @Test
    void everyPhaseBeginsAtACacheLineAndLastsLongEnough() {
        for (long offset = 0; offset < 2 * Pattern.PERIOD; offset++) {
            int start = Pattern.start(offset, LONGEST);
            assertThat(start % 64).isZero();
            MemorySegment expected = stretch(offset, LONGEST);
            assertThat(pattern.bytes().asSlice(start, LONGEST).mismatch(expected)).isEqualTo(-1);
        }
        assertThat(pattern.bytes().address() % 64).isZero();
    }

    @Test
    void aFewBytesLieInTheFirstPeriods() {
        for (long offset = 0; offset < 2 * Pattern.PERIOD; offset++) {
            for (int length : new int[] {1, 2, 63, 64}) {
                int start = Pattern.start(offset, length);
                assertThat(start).isLessThan(Pattern.PERIOD);
                assertThat(pattern.bytes().asSlice(start, length).mismatch(stretch(offset, length)))
                        .isEqualTo(-1);
                assertThat(pattern.mismatch(stretch(offset, length), 0, length, offset))
                        .isEqualTo(-1);
            }
            assertThat(Pattern.start(offset, 65) % 64).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 254, 255, 65_536, 4_294_967_295L, 1L << 50})
    void aWrongByteIsFoundWhereverItIs(long streamOffset) {
        for (int at : new int[] {0, 1, 7, 8, 63, 64, 254, 255, 16_319, 16_320, 16_321, 32_640, LONGEST - 1}) {
            MemorySegment bytes = stretch(streamOffset, LONGEST);
            assertThat(pattern.mismatch(bytes, 0, LONGEST, streamOffset)).isEqualTo(-1);
            bytes.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
            assertThat(pattern.mismatch(bytes, 0, LONGEST, streamOffset)).isEqualTo(at);
            assertThat(pattern.mismatch(bytes, at, at + 1, streamOffset + at)).isEqualTo(at);
            assertThat(pattern.mismatch(bytes, at + 1, LONGEST, streamOffset + at + 1)).isEqualTo(-1);
        }
    }

    @Test
    void theMarkComesAndGoes() {
        int start = Pattern.start(1000, 300);
        pattern.mark(start);
        assertThat(pattern.bytes().get(ValueLayout.JAVA_BYTE, start)).isEqualTo(Pattern.MARK);
        pattern.unmark(start);
        assertThat(pattern.bytes().asSlice(start, 300).mismatch(stretch(1000, 300))).isEqualTo(-1);
    }
}
