package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;

final class CpuSetTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|0", "0-3,8|0-3,8", "8,0-3|0-3,8", "0,1,2|0-2", "0-5,3-8|0-8", "1,3,5|1,3,5", "007|7", "5-5|5"})
    void textIsTheKernelsListForm(String given, String canonical) {
        CpuSet set = CpuSet.parse(given);

        assertThat(set).hasToString(canonical);
        assertThat(CpuSet.parse(set.toString())).isEqualTo(set);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "  "})
    void emptyTextIsTheEmptySet(String text) {
        assertThat(CpuSet.parse(text)).isEqualTo(CpuSet.empty()).hasToString("");
    }

    @Test
    void lineBreakOfAFileIsIgnored() {
        assertThat(CpuSet.parse("0-1\n")).isEqualTo(CpuSet.of(0, 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,|neither", ",|neither", ",1|neither", "1,,2|neither", "a|neither", "-1|neither", "+1|neither",
                "1-|neither", "1--2|neither", "1-2-3|neither", "1 2|neither", "1, 2|neither", "0x1|neither",
                "٣|neither", "3-1|backwards", "65536|outside", "0-4000000000|outside",
                "99999999999999999999|outside", "0-31:2/8|neither"
            })
    void malformedTextIsRefusedWithTheText(String text, String why) {
        assertThatThrownBy(() -> CpuSet.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining(why);
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> CpuSet.of(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CpuSet.of(CpuSet.MAX_CPUS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CpuSet.empty().with(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(CpuSet.of(0).contains(-1)).isFalse();
    }

    @Test
    void operationsLeaveTheirOperandsAlone() {
        CpuSet low = CpuSet.parse("0-3");
        CpuSet high = CpuSet.parse("2-5");

        assertThat(low.or(high)).hasToString("0-5");
        assertThat(low.and(high)).hasToString("2-3");
        assertThat(low.minus(high)).hasToString("0-1");
        assertThat(low.with(9)).hasToString("0-3,9");
        assertThat(low.without(1)).hasToString("0,2-3");
        assertThat(low).hasToString("0-3");
        assertThat(high).hasToString("2-5");
    }

    @Test
    void comparesSets() {
        CpuSet low = CpuSet.parse("0-3");

        assertThat(low.intersects(CpuSet.of(3))).isTrue();
        assertThat(low.intersects(CpuSet.of(4))).isFalse();
        assertThat(low.containsAll(CpuSet.of(0, 3))).isTrue();
        assertThat(low.containsAll(CpuSet.of(0, 4))).isFalse();
        assertThat(low.containsAll(CpuSet.empty())).isTrue();
        assertThat(low).isEqualTo(CpuSet.of(3, 2, 1, 0)).hasSameHashCodeAs(CpuSet.of(0, 1, 2, 3));
    }

    @Test
    void tellsItsEnds() {
        assertThat(CpuSet.parse("3,7-9").first()).isEqualTo(3);
        assertThat(CpuSet.parse("3,7-9").last()).isEqualTo(9);
        assertThat(CpuSet.parse("3,7-9").size()).isEqualTo(4);
        assertThatThrownBy(() -> CpuSet.empty().first()).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> CpuSet.empty().last()).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void everySetSurvivesItsText() {
        Random random = new Random(20260911);
        IntStream.range(0, 200).forEach(round -> {
            CpuSet set = CpuSet.of(random.ints(random.nextInt(40), 0, 2048).toArray());
            assertThat(CpuSet.parse(set.toString())).as("round %d", round).isEqualTo(set);
        });
    }
}
