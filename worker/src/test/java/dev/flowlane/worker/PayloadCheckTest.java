package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

final class PayloadCheckTest {
    private static final int LENGTH = 1000;
    private static final long OFFSET = 12_345;

    private final Pattern pattern = new Pattern(Arena.ofAuto(), LENGTH);
    private final MemorySegment received = Arena.ofAuto().allocate(LENGTH);
    private final PayloadCheck check = new PayloadCheck();

    private long look(int... zeroOrWrong) {
        for (int i = 0; i < LENGTH; i++) {
            received.set(ValueLayout.JAVA_BYTE, i, Pattern.at(OFFSET + i));
        }
        for (int at : zeroOrWrong) {
            byte value = at >= 0 ? 0 : (byte) (Pattern.at(OFFSET - at) ^ 1);
            received.set(ValueLayout.JAVA_BYTE, Math.abs(at), value);
        }
        return check.look(pattern, received, LENGTH, OFFSET);
    }

    @Test
    void theFirstZeroIsTheMarkAndTheSecondIsWrong() {
        check.begin(true, true);
        assertThat(look(400, 700)).isEqualTo(400);
        assertThat(check.wrongAt()).isEqualTo(700);
        assertThat(check.firstErrorOffset()).isEqualTo(OFFSET + 700);
        assertThat(check.markFound()).isTrue();
    }

    @Test
    void theMarkIsFoundBehindWrongBytes() {
        check.begin(true, true);
        assertThat(look(-3, -5, 400)).isEqualTo(400);
        assertThat(check.wrongAt()).isEqualTo(3);
        assertThat(check.firstErrorOffset()).isEqualTo(OFFSET + 3);
    }

    @Test
    void withoutValidationOnlyWhatComesBeforeTheMarkIsCompared() {
        check.begin(true, false);
        assertThat(look(-3, 400, 700)).isEqualTo(400);
        assertThat(check.wrongAt()).isEqualTo(3);
        assertThat(look(-9)).isEqualTo(PayloadCheck.NO_MARK);
        assertThat(check.wrongAt()).isEqualTo(-1);
    }

    @Test
    void theFirstErrorOfAllIsKept() {
        check.begin(true, true);
        look(0);
        look(-9, -20);
        look(-2);
        assertThat(check.wrongAt()).isEqualTo(2);
        assertThat(check.firstErrorOffset()).isEqualTo(OFFSET + 9);
    }

    @Test
    void aDirectionWithoutMarkKnowsNone() {
        check.begin(false, true);
        assertThat(look(5)).isEqualTo(PayloadCheck.NO_MARK);
        assertThat(check.wrongAt()).isEqualTo(5);
        check.begin(false, false);
        look(5);
        assertThat(check.wrongAt()).isEqualTo(5);
        check.openWindow();
        look(5);
        assertThat(check.wrongAt()).isEqualTo(-1);
    }
}
