package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzTarget;
import dev.flowlane.worker.protocol.Role;

/** Where the peer says that it listens for connections. */
final class AnnouncedPortFuzzTest extends FuzzTarget {
    private static final int SAID_BYTES = Introduction.TOKEN_BYTES + 2;

    private final Introduction introduction = new Introduction();

    AnnouncedPortFuzzTest() {
        super(http());
    }

    @Override
    protected void read(byte[] input) {
        Heard.by(Role.SOURCE, input, flow -> {
            Flow.End failure = introduction.hear(flow);
            assertThat(failure == null).isEqualTo(input.length >= SAID_BYTES);
            assertThat(introduction.port()).isBetween(0, 65_535);
        });
    }

    private static byte[] http() {
        byte[] said = new byte[SAID_BYTES];
        said[said.length - 1] = 80;
        return said;
    }
}
