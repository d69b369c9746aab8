package dev.flowlane.coordinator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.bus.Codec;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.check.Position;
import dev.flowlane.daemon.wire.CommandFromAvro;
import dev.flowlane.fuzz.FuzzTarget;
import org.apache.avro.specific.SpecificRecord;

import java.time.Instant;

/** Bytes from a topic are a record or say what is wrong; a record is understood or refused. Nothing is thrown. */
abstract class RecordTarget<T extends SpecificRecord> extends FuzzTarget {
    private static final int SAMPLES = 8;

    private final Topic<T> topic;
    private final Codec<T> codec;

    RecordTarget(Topic<T> topic) {
        super(samples(topic));
        this.topic = topic;
        this.codec = Codec.of(topic);
    }

    @Override
    protected final void read(byte[] input) {
        switch (codec.decode(input)) {
            case Codec.Decoded.Malformed<T>(String reason) -> assertThat(reason).isNotEmpty();
            case Codec.Decoded.Value<T>(T value) -> understood(value);
        }
    }

    private void understood(T value) {
        FactsAvro.fact(new Position(topic.suffix(), 0, 0), "key", Instant.EPOCH, value);
        AvroJson.of(value);
        if (value instanceof RunCommand command) {
            RunCommandAvro.fromAvro(command, command.getRunId(), Instant.EPOCH);
        }
        if (value instanceof HostCommand command) {
            CommandFromAvro.input(command, Instant.EPOCH);
        }
    }

    private static <T extends SpecificRecord> byte[][] samples(Topic<T> topic) {
        Codec<T> codec = Codec.of(topic);
        byte[][] samples = new byte[SAMPLES][];
        for (int seed = 0; seed < SAMPLES; seed++) {
            samples[seed] = codec.encode(new RandomAvro(seed).of(topic.type()));
        }
        return samples;
    }
}
