package dev.flowlane.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.AvroJson;
import dev.flowlane.export.ParquetFile;
import org.apache.avro.specific.SpecificRecord;

import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A file with the records of one topic. It has its name only when it is complete. */
final class RecordFile implements Closeable {
    private final Path file;
    private final Path unfinished;
    private final Rows rows;
    private long count;

    private RecordFile(Path file, Path unfinished, Rows rows) {
        this.file = file;
        this.unfinished = unfinished;
        this.rows = rows;
    }

    /** How records are written. */
    enum Format {
        CSV,
        JSONL,
        PARQUET
    }

    /** Records as lines of text. */
    interface Text {
        String of(SpecificRecord record);

        /** What is still to be written after the last record: a header that no record has brought. */
        String rest();
    }

    private interface Rows extends Closeable {
        void write(SpecificRecord record) throws IOException;
    }

    /** For every format but Parquet, which is no text. */
    static Text text(Format format, Topic<?> topic) {
        return switch (format) {
            case CSV -> new Text() {
                private final CsvText csv = CsvText.of(List.of(), topic.schema());

                @Override
                public String of(SpecificRecord record) {
                    return csv.add(AvroJson.of(record)).take();
                }

                @Override
                public String rest() {
                    return csv.take();
                }
            };
            case JSONL -> new Text() {
                @Override
                public String of(SpecificRecord record) {
                    ObjectNode line = JsonNodeFactory.instance.objectNode().put("topic", topic.suffix());
                    line.setAll(AvroJson.of(record));
                    return RecordText.jsonLine(line);
                }

                @Override
                public String rest() {
                    return "";
                }
            };
            case PARQUET -> throw new IllegalArgumentException("Parquet is no text");
        };
    }

    /** Begins a file beside the name that it will have. */
    static RecordFile create(Path file, Format format, Topic<?> topic) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(unfinished);
        return new RecordFile(file, unfinished, switch (format) {
            case CSV, JSONL -> lines(unfinished, text(format, topic));
            case PARQUET -> parquet(unfinished, topic);
        });
    }

    private static Rows lines(Path file, Text text) throws IOException {
        Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
        return new Rows() {
            @Override
            public void write(SpecificRecord record) throws IOException {
                out.write(text.of(record));
            }

            @Override
            public void close() throws IOException {
                out.write(text.rest());
                out.close();
            }
        };
    }

    private static Rows parquet(Path file, Topic<?> topic) throws IOException {
        ParquetFile parquet = ParquetFile.create(file, topic.schema());
        return new Rows() {
            @Override
            public void write(SpecificRecord record) throws IOException {
                parquet.write(record);
            }

            @Override
            public void close() throws IOException {
                parquet.close();
            }
        };
    }

    void write(SpecificRecord record) throws IOException {
        rows.write(record);
        count++;
    }

    /** Completes the file under its name; how many records it has. */
    long finish() throws IOException {
        rows.close();
        Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
        return count;
    }

    /** Leaves nothing behind of a file that was not finished. */
    @Override
    public void close() throws IOException {
        if (Files.deleteIfExists(unfinished)) {
            rows.close();
            Files.deleteIfExists(unfinished);
        }
    }
}
