package dev.flowlane.bus;

import org.apache.avro.Schema;

/**
 * A published schema: one line of {@code ids.lock} and its file in the history.
 *
 * @param id fixed number in the framing header
 * @param subject value subject under the default topic prefix, for example {@code flowlane.flow-stats-value}
 * @param version 1, 2, ... within the subject
 * @param sha256 of the file, lower-case hexadecimal
 * @param text the schema as JSON, self-contained, with documentation
 */
public record RegisteredSchema(int id, String subject, int version, String sha256, String text) {
    /** The parsed schema; parsed at every call. */
    public Schema schema() {
        return new Schema.Parser().parse(text);
    }
}
