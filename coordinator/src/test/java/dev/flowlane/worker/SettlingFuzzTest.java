package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzTarget;
import dev.flowlane.worker.protocol.Role;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The echoes before anything is measured. */
final class SettlingFuzzTest extends FuzzTarget {
    private static final byte[] PINGS = new byte[Settling.ECHOES];

    static {
        Arrays.fill(PINGS, Settling.PING);
    }

    private final MemorySegment memory = Arena.ofAuto().allocate(INPUT_MAX);

    SettlingFuzzTest() {
        super(PINGS, Arrays.copyOf(PINGS, 3));
    }

    @Override
    protected void read(byte[] input) {
        boolean clean = input.length >= PINGS.length
                && Arrays.equals(input, 0, PINGS.length, PINGS, 0, PINGS.length);
        Heard.by(Role.DESTINATION, input, flow -> {
            Settling settling = new Settling(flow, memory);
            while (!settling.over()) {
                // All there is lies there, and the end of it.
            }
            assertThat(settling.failure() == null).isEqualTo(clean);
        });
    }
}
