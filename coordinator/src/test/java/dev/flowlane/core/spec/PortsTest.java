package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class PortsTest {
    @Test
    void theOrderIsKeptAndRangesAreWrittenAsSuch() {
        List<Integer> ports = Ports.parse("40000-40003,41000,1-2");

        assertThat(ports).containsExactly(40_000, 40_001, 40_002, 40_003, 41_000, 1, 2);
        assertThat(Ports.text(ports)).isEqualTo("40000-40003,41000,1-2");
        assertThat(Ports.text(List.of(5, 4, 3))).isEqualTo("5,4,3");
        assertThat(Ports.parse("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0|'0'", "65536|'65536'", "x|'x'", "1-|'1-'", "-1|'-1'", "5-4|backwards", "1,,2|''", "1-65535|more than 4096",
        "999999999999|'999999999999'", "+1|'+1'"
    })
    void whatIsWrongIsNamed(String text, String named) {
        assertThatThrownBy(() -> Ports.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }

    @Test
    void aSpecNamesItsPorts() {
        assertThat(parse("source-ports: 40000-40001")).isInstanceOfSatisfying(SpecResult.Parsed.class, parsed ->
                assertThat(parsed.spec().placement().sourcePorts()).containsExactly(40_000, 40_001));
        assertThat(parse("source-ports: [7000, 6000-6001]")).isInstanceOfSatisfying(SpecResult.Parsed.class, parsed ->
                assertThat(parsed.spec().placement().sourcePorts()).containsExactly(7000, 6000, 6001));
        assertThat(parse("source-ports: any")).isInstanceOfSatisfying(SpecResult.Parsed.class, parsed ->
                assertThat(parsed.spec().placement().sourcePorts()).isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "source-ports: 70000|neither a port", "source-ports: 4000,4000|there twice", "source-ports: 4000|cannot carry 2"
    })
    void portsThatCannotServeAreRefused(String line, String why) {
        assertThat(parse(line)).isInstanceOfSatisfying(SpecResult.Invalid.class, invalid ->
                assertThat(invalid.problems().toString()).contains("placement.source-ports", why));
    }

    private static SpecResult parse(String line) {
        return SpecParser.parse("sources: [a]\ndestinations: [b]\nflows: 2\nplacement:\n  " + line + "\n");
    }
}
