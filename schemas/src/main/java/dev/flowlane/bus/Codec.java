package dev.flowlane.bus;

import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The record values of one topic: a zero byte, the writer's schema id as a big-endian 32-bit number, the Avro datum
 * (Confluent framing). Ids are those of the release, {@link SchemaHistory}, or of an external registry. Encoding is
 * safe from any thread, decoding is for one thread.
 *
 * @param <T> generated class
 */
public final class Codec<T extends SpecificRecord> {
    static final byte MAGIC = 0;
    static final int HEADER_BYTES = 5;

    private final Topic<T> topic;
    private final SchemaIds ids;
    private final int currentId;
    private final RecordWriter<T> writer;
    private final Map<Integer, SpecificDatumReader<T>> readers = new HashMap<>();
    private final Map<Integer, OlderVersion> olderVersions = new ConcurrentHashMap<>();

    /** What came out of a record's value. */
    public sealed interface Decoded<T> {
        /** A record. */
        record Value<T>(T value) implements Decoded<T> {}

        /** Not a record of this topic; {@code reason} says what is wrong with the bytes. */
        record Malformed<T>(String reason) implements Decoded<T> {}
    }

    private Codec(Topic<T> topic, SchemaIds ids) {
        this.topic = topic;
        this.ids = ids;
        this.currentId = ids.current(topic);
        this.writer = new RecordWriter<>(topic.schema(), SpecificData.getForClass(topic.type()));
    }

    /** Codec of a topic with the ids of this release. */
    public static <T extends SpecificRecord> Codec<T> of(Topic<T> topic) {
        return of(topic, SchemaHistory.bundled());
    }

    static <T extends SpecificRecord> Codec<T> of(Topic<T> topic, SchemaIds ids) {
        return new Codec<>(topic, ids);
    }

    /**
     * The framed bytes of a record.
     *
     * @throws IllegalArgumentException if a required field is not set
     */
    public byte[] encode(T value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        out.writeBytes(ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(currentId).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        try {
            writer.write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Not from a byte array.
        } catch (NullPointerException | ClassCastException | AvroRuntimeException e) {
            throw new IllegalArgumentException(topic + ": record cannot be written: " + e.getMessage(), e);
        }
        return out.toByteArray();
    }

    /**
     * The framed bytes of a record for a reader that knows no newer version of the schema: without the fields that came
     * after it, and with the default of an enum in place of its newer symbols. Where readers ask a registry for ids
     * that they do not know, the newest version is written to all of them.
     *
     * @param version that the reader knows, from 1; that of this release is taken when the reader knows a newer one
     * @throws IllegalArgumentException if a required field is not set, or there is no such version
     */
    public byte[] encode(T value, int version) {
        byte[] newest = encode(value);
        List<RegisteredSchema> versions = ids.fixedVersions(topic);
        return versions.isEmpty() || version >= versions.getLast().version()
                ? newest
                : olderVersions.computeIfAbsent(version, _ -> olderVersion(versions, version)).of(newest);
    }

    private OlderVersion olderVersion(List<RegisteredSchema> versions, int version) {
        for (RegisteredSchema schema : versions) {
            if (schema.version() == version) {
                return new OlderVersion(topic.schema(), schema);
            }
        }
        throw new IllegalArgumentException(topic + " has no schema of version " + version + ", only 1 to "
                + versions.getLast().version());
    }

    /** The record in these bytes. Never allocates more than a small multiple of their length, whatever they claim. */
    public Decoded<T> decode(byte @Nullable [] bytes) {
        if (bytes == null) {
            return new Decoded.Malformed<>("no value");
        }
        if (bytes.length < HEADER_BYTES) {
            return new Decoded.Malformed<>("truncated: " + bytes.length + " bytes, the framing header alone has 5");
        }
        if (bytes[0] != MAGIC) {
            return new Decoded.Malformed<>("first byte is " + (bytes[0] & 0xff) + ", framed Avro begins with 0");
        }
        int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
        RegisteredSchema written;
        try {
            written = ids.byId(id);
        } catch (BusException e) {
            return new Decoded.Malformed<>("schema id " + id + " cannot be looked up: " + e.getMessage());
        }
        if (written == null) {
            return new Decoded.Malformed<>("schema id " + id + " is not in " + ids.origin());
        }
        if (!written.subject().equals(topic.subject())) {
            return new Decoded.Malformed<>(
                    "schema id " + id + " is of " + written.subject() + ", not of " + topic.subject());
        }
        boolean isCurrent = written.id() == currentId;
        Schema schema = isCurrent ? topic.schema() : written.schema();
        String fault = WireCheck.fault(schema, bytes, HEADER_BYTES);
        if (fault != null) {
            return new Decoded.Malformed<>(fault);
        }
        try {
            Decoder decoder = isCurrent ? decoder(bytes) : decoderOfAnotherVersion(bytes);
            return new Decoded.Value<>(reader(id, schema).read(null, decoder));
        } catch (IOException | RuntimeException e) {
            return new Decoded.Malformed<>("cannot be read as " + topic.type().getSimpleName() + ": " + e);
        }
    }

    private static Decoder decoder(byte[] bytes) {
        return DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
    }

    /**
     * Avro counts what an array needs at least by the schema of the reader, whose elements may be longer than those
     * that an older writer wrote, and so refuses sound records (1.12.2). It passes over streams whose length it cannot
     * know; that every array is within the record {@link WireCheck} has found already.
     */
    private static Decoder decoderOfAnotherVersion(byte[] bytes) {
        InputStream datum = new ByteArrayInputStream(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
        return DecoderFactory.get().binaryDecoder(new FilterInputStream(datum) {}, null);
    }

    private SpecificDatumReader<T> reader(int id, Schema written) {
        return readers.computeIfAbsent(
                id,
                _ -> new SpecificDatumReader<>(written, topic.schema(), SpecificData.getForClass(topic.type())));
    }
}
