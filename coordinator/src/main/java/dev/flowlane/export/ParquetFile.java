package dev.flowlane.export;

import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * A Parquet file with one flat column for each field of an Avro schema, Snappy-compressed. Hadoop's names in here are
 * parquet-floor's small stand-ins: Parquet's writer cannot be built without them, and Hadoop itself is not there.
 */
public final class ParquetFile implements Closeable {
    private final ParquetWriter<IndexedRecord> writer;

    private ParquetFile(ParquetWriter<IndexedRecord> writer) {
        this.writer = writer;
    }

    /** Begins a file, over one that is there. It is complete when it has been closed. */
    public static ParquetFile create(Path file, Schema schema) throws IOException {
        return new ParquetFile(new Builder(new LocalOutputFile(file), new ParquetColumns(schema))
                .withConf(new PlainParquetConfiguration())
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withCompressionCodec(CompressionCodecName.SNAPPY)
                .build());
    }

    /** Adds a row; the record is of the file's schema. */
    public void write(IndexedRecord row) throws IOException {
        writer.write(row);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    private static final class Builder extends ParquetWriter.Builder<IndexedRecord, Builder> {
        private final ParquetColumns columns;

        Builder(OutputFile file, ParquetColumns columns) {
            super(file);
            this.columns = columns;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // It is abstract in Parquet.
        protected WriteSupport<IndexedRecord> getWriteSupport(Configuration configuration) {
            return new Rows(columns);
        }

        @Override
        protected WriteSupport<IndexedRecord> getWriteSupport(ParquetConfiguration configuration) {
            return new Rows(columns);
        }
    }

    private static final class Rows extends WriteSupport<IndexedRecord> {
        private final ParquetColumns columns;
        private @Nullable RecordConsumer consumer;

        Rows(ParquetColumns columns) {
            this.columns = columns;
        }

        @Override
        @SuppressWarnings("deprecation") // It is abstract in Parquet.
        public WriteContext init(Configuration configuration) {
            return new WriteContext(columns.type(), Map.of());
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(columns.type(), Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
            consumer = recordConsumer;
        }

        @Override
        public void write(IndexedRecord row) {
            columns.write(row, Objects.requireNonNull(consumer));
        }
    }
}
