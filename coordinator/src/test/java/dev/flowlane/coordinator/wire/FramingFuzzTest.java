package dev.flowlane.coordinator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.RunCommand;
import dev.flowlane.bus.Codec;
import dev.flowlane.bus.Topic;
import dev.flowlane.fuzz.FuzzTarget;

import java.util.Arrays;

/** The header alone: five bytes that anybody may send, and too few more for a record. */
final class FramingFuzzTest extends FuzzTarget {
    private final Codec<RunCommand> codec = Codec.of(Topic.COMMANDS);

    FramingFuzzTest() {
        super(new byte[] {0, 0, 0, 0, 1}, new byte[] {0, 0, 0, 0, 1, 2}, new byte[] {1});
    }

    @Override
    protected void read(byte[] input) {
        byte[] header = Arrays.copyOf(input, Math.min(input.length, 9));
        assertThat(codec.decode(header)).isInstanceOf(Codec.Decoded.Malformed.class);
    }
}
