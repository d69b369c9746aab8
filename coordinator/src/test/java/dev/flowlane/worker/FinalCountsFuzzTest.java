package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzTarget;
import dev.flowlane.worker.protocol.Role;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** How many messages the peer says that it has sent. */
final class FinalCountsFuzzTest extends FuzzTarget {
    private static final byte[] SAID = ByteBuffer.allocate(24)
            .putInt(0x464C5745)
            .putInt(0)
            .putLong(10)
            .putLong(1_000)
            .array();

    private final FinalCounts counts = new FinalCounts();

    FinalCountsFuzzTest() {
        super(SAID, Arrays.copyOf(SAID, SAID.length - 1));
    }

    @Override
    protected void read(byte[] input) {
        Heard.by(Role.SOURCE, input, flow -> hear(flow, input.length >= SAID.length));
    }

    private void hear(Flow flow, boolean whole) {
        counts.attach(flow);
        FinalCounts.Word word = counts.hear();
        while (word == FinalCounts.Word.NOT_YET) {
            word = counts.hear(); // All there is lies there, and the end of it.
        }
        if (word == FinalCounts.Word.HEARD) {
            assertThat(counts.warmupMessages()).isNotNegative();
            assertThat(counts.measuredMessages()).isNotNegative();
        }
        assertThat(word == FinalCounts.Word.CLOSED).isEqualTo(!whole);
    }
}
