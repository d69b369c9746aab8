package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.check.CheckReport;
import dev.flowlane.core.check.Finding;
import dev.flowlane.core.check.Invariant;
import dev.flowlane.core.check.Position;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** How many findings a person is shown at once; none is passed over in silence. */
final class VerifyTextTest {
    @Test
    void twentyFindingsArePrintedAndTheOthersCounted() {
        String text = VerifyVerb.table(report(1_000, 7), false);

        assertThat(text).contains("offset 19 ", "and 987 more (--all-findings)").doesNotContain("offset 20 ");
    }

    @Test
    void allThatAreKeptArePrintedWhenAskedFor() {
        String text = VerifyVerb.table(report(1_000, 7), true);

        assertThat(text).contains("offset 999 ", "and 7 more, which are not kept");
    }

    @Test
    void twentyAreNotCutShort() {
        assertThat(VerifyVerb.table(report(20, 0), false)).contains("offset 19 ").doesNotContain("more");
    }

    private static CheckReport report(int kept, int beyond) {
        List<Finding> findings = IntStream.range(0, kept)
                .mapToObj(i -> new Finding(
                        Invariant.ONE_END, "run-1", null, new Position("runs", 0, i), "at offset " + i + " is wrong"))
                .toList();
        return new CheckReport(
                new TreeMap<>(), 0, 1, 0, 1, 0, 0, 0, 0, Map.of(Invariant.ONE_END, kept), findings, beyond);
    }
}
