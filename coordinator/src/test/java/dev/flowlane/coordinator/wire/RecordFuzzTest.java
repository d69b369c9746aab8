package dev.flowlane.coordinator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.bus.Codec;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.check.Position;
import dev.flowlane.daemon.wire.CommandFromAvro;
import dev.flowlane.fuzz.Fuzz;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.Arrays;

/** Bytes from a topic are a record or say what is wrong; a record is understood or refused. Nothing is thrown. */
final class RecordFuzzTest {
    private static final int SAMPLES = 8;

    @Test
    void commandsOfUsers() {
        of(Topic.COMMANDS);
    }

    @Test
    void commandsToDaemons() {
        of(Topic.HOST_COMMANDS);
    }

    @Test
    void wordsOfDaemons() {
        of(Topic.HOST_EVENTS);
    }

    @Test
    void hosts() {
        of(Topic.HOSTS);
    }

    @Test
    void runs() {
        of(Topic.RUNS);
    }

    @Test
    void results() {
        of(Topic.RUN_RESULTS);
    }

    /** The header alone: five bytes that anybody may send. */
    @Test
    void framing() {
        Codec<RunCommand> codec = Codec.of(Topic.COMMANDS);
        Fuzz.target("framing")
                .from(new byte[] {0, 0, 0, 0, 1}, new byte[] {0, 0, 0, 0, 1, 2}, new byte[] {1})
                .run(input -> {
                    byte[] header = Arrays.copyOf(input, Math.min(input.length, 9));
                    assertThat(codec.decode(header)).isInstanceOf(Codec.Decoded.Malformed.class);
                });
    }

    private static <T extends SpecificRecord> void of(Topic<T> topic) {
        Codec<T> codec = Codec.of(topic);
        byte[][] samples = new byte[SAMPLES][];
        for (int seed = 0; seed < SAMPLES; seed++) {
            samples[seed] = codec.encode(new RandomAvro(seed).of(topic.type()));
        }
        Fuzz.target(topic.suffix()).from(samples).run(input -> {
            switch (codec.decode(input)) {
                case Codec.Decoded.Malformed<T>(String reason) -> assertThat(reason).isNotEmpty();
                case Codec.Decoded.Value<T>(T value) -> understood(topic, value);
            }
        });
    }

    private static void understood(Topic<?> topic, SpecificRecord value) {
        FactsAvro.fact(new Position(topic.suffix(), 0, 0), "key", Instant.EPOCH, value);
        AvroJson.of(value);
        if (value instanceof RunCommand command) {
            RunCommandAvro.fromAvro(command, command.getRunId(), Instant.EPOCH);
        }
        if (value instanceof HostCommand command) {
            CommandFromAvro.input(command, Instant.EPOCH);
        }
    }
}
