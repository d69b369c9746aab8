package dev.flowlane.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountedTest {
    @Test
    void oneIsNotSeveralAndNoneIs() {
        assertThat(Counted.of(1, "segment")).isEqualTo("1 segment");
        assertThat(Counted.of(0, "segment")).isEqualTo("0 segments");
        assertThat(Counted.of(12, "segment")).isEqualTo("12 segments");
    }

    @Test
    void theVerbFollowsTheCount() {
        assertThat(Counted.of(1, "message was", "messages were")).isEqualTo("1 message was");
        assertThat(Counted.of(2, "message was", "messages were")).isEqualTo("2 messages were");
    }
}
