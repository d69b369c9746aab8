package dev.flowlane.bus;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Turns records of this release's schema into such of an older version of it. Safe from any thread. */
final class OlderVersion {
    private final Schema ours;
    private final Schema older;
    private final int id;

    OlderVersion(Schema ours, RegisteredSchema registered) {
        this.ours = ours;
        this.older = registered.schema();
        this.id = registered.id();
    }

    /** The same record as a reader of the older version would see it, framed with that version's id. */
    byte[] of(byte[] framed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(framed.length);
        out.writeBytes(ByteBuffer.allocate(Codec.HEADER_BYTES).put(Codec.MAGIC).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        try {
            GenericRecord seen = new GenericDatumReader<GenericRecord>(ours, older).read(null, DecoderFactory.get()
                    .binaryDecoder(framed, Codec.HEADER_BYTES, framed.length - Codec.HEADER_BYTES, null));
            new GenericDatumWriter<GenericRecord>(older).write(seen, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Not from byte arrays.
        }
        return out.toByteArray();
    }
}
