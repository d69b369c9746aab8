package dev.flowlane.core.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndirectionTableTest {
    @Test
    void thePatternRepeatsUntilTheTableIsFull() {
        IndirectionTable table = IndirectionTable.parse(128, "0-5");

        assertThat(table.queue(0)).isZero();
        assertThat(table.queue(127)).isEqualTo(127 % 6);
        assertThat(table.queue(128)).as("only the lowest bits count").isZero();
        assertThat(table.queue(-1)).isEqualTo(127 % 6);
        assertThat(IndirectionTable.parse(4, "3,1-2,3").queue(2)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "4|0-4", "4|0,1,2,3,4", "4|x", "4|''", "4|3-1", "4|-1", "0|0", "4|0-99999999999", "99999999|0", "4|0,,1"
    })
    void nonsenseIsRefused(int entries, String pattern) {
        assertThatThrownBy(() -> IndirectionTable.parse(entries, pattern)).isInstanceOf(IllegalArgumentException.class);
    }
}
