package dev.flowlane.page;

import static dev.flowlane.page.SlowReader.Verdict.DROP;
import static dev.flowlane.page.SlowReader.Verdict.SEND;
import static dev.flowlane.page.SlowReader.Verdict.SKIP;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SlowReaderTest {
    /** The clock may wrap around in between. */
    private static final long START_NS = Math.subtractExact(Long.MAX_VALUE, 5_000_000_000L);

    @Test
    void whoeverDoesNotReadIsLeftOutAndThenDropped() {
        SlowReader reader = new SlowReader();
        assertThat(reader.decide(false, START_NS)).isEqualTo(SEND);
        assertThat(reader.decide(true, START_NS)).isEqualTo(SKIP);
        assertThat(reader.decide(true, START_NS + SlowReader.PATIENCE_NS)).isEqualTo(SKIP);
        assertThat(reader.decide(true, START_NS + SlowReader.PATIENCE_NS + 1)).isEqualTo(DROP);
    }

    @Test
    void whoeverReadsAgainIsForgiven() {
        SlowReader reader = new SlowReader();
        reader.decide(true, START_NS);
        assertThat(reader.decide(false, START_NS + 9_000_000_000L)).isEqualTo(SEND);
        assertThat(reader.decide(true, START_NS + 11_000_000_000L)).isEqualTo(SKIP);
    }
}
