package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzTarget;
import dev.flowlane.worker.protocol.Role;
import org.junit.jupiter.api.BeforeAll;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What a new connection begins with: only who knows the token is heard. */
final class ConnectionHeaderFuzzTest extends FuzzTarget {
    private final Introduction introduction = new Introduction();

    ConnectionHeaderFuzzTest() {
        super(new byte[Introduction.HEADER_BYTES]);
    }

    @BeforeAll
    void drawToken() {
        Heard.by(Role.DESTINATION, new byte[0], flow ->
                assertThat(introduction.announce(flow, 7_411)).isNull());
    }

    @Override
    protected void read(byte[] input) {
        int length = (int) Math.min(introduction.head().byteSize(), input.length);
        introduction.head().fill((byte) 0);
        MemorySegment.copy(input, 0, introduction.head(), ValueLayout.JAVA_BYTE, 0, length);
        assertThat(introduction.proven()).isFalse();
    }
}
