package dev.flowlane.bus;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * Daemons and coordinators of two releases on the same topics: each reads what the other one writes, and what an older
 * one does not know gets lost nowhere else. With {@code -Dflowlane.schemas.publish=true} the pinned release is made
 * anew, which is allowed only as long as none was published.
 */
final class OtherReleaseTest {
    private static final int RELEASES = 20;
    private static final int RECORDS = 5;

    private static final Path PINNED = Path.of(System.getProperty("basedir", "."), "src/test/resources/release-before");

    @TestFactory
    List<DynamicTest> whatAnOlderReleaseWritesIsReadAndComesBackToItWhole() {
        return forEveryTopic(topic -> {
            for (long seed = 0; seed < RELEASES; seed++) {
                OtherRelease other = OtherRelease.before(topic, seed);
                for (Object datum : random(other.schema(), seed)) {
                    comesBack(topic, other, datum, other.write(datum), "release " + seed);
                }
            }
        });
    }

    @TestFactory
    List<DynamicTest> whatThisReleaseWritesIsReadByAnOlderOneWithoutWhatItDoesNotKnow() {
        return forEveryTopic(topic -> {
            Schema ours = SchemaHistory.bundled().latest(topic.subject()).schema();
            for (long seed = 0; seed < RELEASES; seed++) {
                OtherRelease other = OtherRelease.before(topic, seed);
                for (Object datum : random(ours, seed)) {
                    byte[] written = OtherRelease.framed(OtherRelease.OUR_ID, ours, datum);

                    assertThat(other.read(ours, written)).as("release %d", seed).isEqualTo(other.seenByIt(datum));
                }
            }
        });
    }

    @TestFactory
    List<DynamicTest> whatIsWrittenForAnOlderReleaseIsReadByItWithNothingButItsOwnSchema() {
        return forEveryTopic(topic -> {
            Schema ours = SchemaHistory.bundled().latest(topic.subject()).schema();
            for (long seed = 0; seed < RELEASES; seed++) {
                OtherRelease other = OtherRelease.before(topic, seed);
                for (Object datum : random(ours, seed)) {
                    assertThat(writtenFor(topic, other, datum)).as("release %d", seed).isEqualTo(other.seenByIt(datum));
                }
            }
        });
    }

    private static <T extends SpecificRecord> Object writtenFor(Topic<T> topic, OtherRelease other, Object datum)
            throws IOException {
        Codec<T> codec = Codec.of(topic, other.history());
        byte[] written = OtherRelease.framed(OtherRelease.OUR_ID, topic.schema(), datum);
        return switch (codec.decode(written)) {
            case Codec.Decoded.Value<T>(T value) -> {
                int version = other.history().latest(topic.subject()).version();
                byte[] forIt = codec.encode(value, version - 1);
                assertThat(ByteBuffer.wrap(forIt, 1, Integer.BYTES).getInt()).isEqualTo(OtherRelease.ITS_ID);
                assertThat(codec.encode(value, version + 1)).isEqualTo(codec.encode(value));
                yield other.read(other.schema(), forIt);
            }
            case Codec.Decoded.Malformed<T>(String reason) -> throw new AssertionError(reason);
        };
    }

    /** Bytes in a file do not change with the code that reads them. */
    @TestFactory
    List<DynamicTest> pinnedRecordsOfTheReleaseBeforeAreReadAndComeBackToItWhole() {
        return forEveryTopic(topic -> {
            Path schema = PINNED.resolve(topic.suffix() + ".avsc");
            Path records = PINNED.resolve(topic.suffix() + ".hex");
            if (Boolean.getBoolean("flowlane.schemas.publish")) {
                pin(topic, schema, records);
            }
            OtherRelease other = OtherRelease.of(topic, Files.readString(schema));
            List<String> lines = Files.readAllLines(records);
            assertThat(lines).hasSize(RECORDS);
            for (String line : lines) {
                byte[] bytes = HexFormat.of().parseHex(line);
                comesBack(topic, other, other.read(other.schema(), bytes), bytes, line);
            }
        });
    }

    private static void pin(Topic<?> topic, Path schema, Path records) throws IOException {
        OtherRelease other = OtherRelease.before(topic, 1);
        Files.createDirectories(PINNED);
        Files.writeString(schema, SchemaFormatter.format("json/pretty", other.schema()) + "\n");
        StringBuilder hex = new StringBuilder();
        for (Object datum : random(other.schema(), 1)) {
            hex.append(HexFormat.of().formatHex(other.write(datum))).append('\n');
        }
        Files.writeString(records, hex);
    }

    private static <T extends SpecificRecord> void comesBack(
            Topic<T> topic, OtherRelease other, Object datum, byte[] written, String what) throws IOException {
        Codec<T> codec = Codec.of(topic, other.history());

        byte[] rewritten = switch (codec.decode(written)) {
            case Codec.Decoded.Value<T>(T value) -> codec.encode(value);
            case Codec.Decoded.Malformed<T>(String reason) -> throw new AssertionError(what + ": " + reason);
        };

        assertThat(other.read(topic.schema(), rewritten)).as(what).isEqualTo(datum);
    }

    private static Iterable<Object> random(Schema schema, long seed) {
        return new RandomData(schema, RECORDS, seed, true);
    }

    private interface TopicCheck {
        void check(Topic<?> topic) throws IOException;
    }

    private static List<DynamicTest> forEveryTopic(TopicCheck check) {
        return Topic.all().stream()
                .map(topic -> DynamicTest.dynamicTest(topic.suffix(), () -> check.check(topic)))
                .toList();
    }
}
