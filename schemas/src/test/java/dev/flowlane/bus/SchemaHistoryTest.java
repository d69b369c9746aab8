package dev.flowlane.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The published schemas: never edited, compatible in both directions with everything before, the last one in use. With
 * {@code -Dflowlane.schemas.publish=true} what changed is published first.
 */
final class SchemaHistoryTest {
    /** Words that SQL users would have to quote. */
    private static final Set<String> SQL_WORDS = Set.of(
            "timestamp", "start", "end", "user", "group", "value", "key", "offset", "interval", "rank", "order",
            "from");

    private static final boolean PUBLISHING = Boolean.getBoolean("flowlane.schemas.publish");

    private static final SchemaFolder FOLDER = SchemaFolder.ofModule();

    @BeforeAll
    static void publishWhenAsked() throws IOException {
        if (PUBLISHING) {
            FOLDER.publish().forEach(line -> System.out.println("published " + line));
        }
    }

    @TestFactory
    List<DynamicTest> currentSchemaIsTheLatestPublishedVersion() {
        return Topic.all().stream()
                .map(topic -> DynamicTest.dynamicTest(topic.suffix(), () -> assertThat(FOLDER.current(topic))
                        .as("differs from its last published version; publish it with: " + SchemaFolder.PUBLISH)
                        .isEqualTo(FOLDER.history().latest(topic.subject()).text())))
                .toList();
    }

    @TestFactory
    List<DynamicTest> generatedClassHasTheLatestPublishedSchema() {
        return Topic.all().stream()
                .map(topic -> DynamicTest.dynamicTest(topic.suffix(), () -> assertThat(canonical(topic.schema()))
                        .isEqualTo(canonical(FOLDER.history().latest(topic.subject()).schema()))))
                .toList();
    }

    @Test
    void noPublishedFileWasEdited() throws IOException {
        assertThat(FOLDER.history().all()).allSatisfy(schema -> assertThat(SchemaFolder.sha256(schema.text()))
                .as(schema.subject() + " version " + schema.version())
                .isEqualTo(schema.sha256()));
    }

    @Test
    void everyFileHasALineAndEveryLineAFile() throws IOException {
        assertThat(FOLDER.historyFiles())
                .containsExactlyInAnyOrderElementsOf(
                        FOLDER.lines().stream().map(LockLine::path).toList());
    }

    @Test
    void idsGrowAndVersionsCountFromOne() throws IOException {
        List<LockLine> lines = FOLDER.lines();

        assertThat(lines).extracting(LockLine::id).isSorted().doesNotHaveDuplicates();
        assertThat(lines).allSatisfy(line -> assertThat(line.version())
                .isEqualTo(1 + (int) lines.stream()
                        .filter(other -> other.subject().equals(line.subject()) && other.id() < line.id())
                        .count()));
    }

    @Test
    void everyVersionIsCompatibleInBothDirectionsWithAllBefore() throws IOException {
        SchemaHistory history = FOLDER.history();

        assertThat(history.all()).allSatisfy(schema -> assertThat(SchemaFolder.incompatibilities(
                        schema.text(),
                        history.versions(schema.subject()).subList(0, schema.version() - 1)))
                .isEmpty());
    }

    @Test
    void bundledHistoryIsTheOneInTheSourceTree() throws IOException {
        assumeThat(PUBLISHING).as("what is published now is bundled by the next build").isFalse();

        assertThat(SchemaHistory.bundled().all()).isEqualTo(FOLDER.history().all());
    }

    @TestFactory
    List<DynamicTest> everyFieldIsDocumentedAndSaysItsNameInSql() {
        return Topic.all().stream()
                .map(topic -> DynamicTest.dynamicTest(topic.suffix(), () -> checkFields(topic.schema())))
                .toList();
    }

    @Test
    void publishingAppendsAVersionAndAnId(@TempDir Path copy) throws IOException {
        SchemaFolder folder = new SchemaFolder(copyOfAvro(copy), copy);
        folder.publish();
        List<LockLine> before = folder.lines();
        edit(copy, "\"name\": \"requested_by\"", "\"name\": \"team\", \"type\": \"string\", \"doc\": \"Team.\", "
                + "\"default\": \"\"}, {\"name\": \"requested_by\"");

        List<LockLine> added = folder.publish();

        String sha256 = SchemaFolder.sha256(folder.current(Topic.COMMANDS));
        LockLine expected = new LockLine(Topic.all().size() + 1, "flowlane.commands-value", 2, sha256);
        assertThat(added).containsExactly(expected);
        assertThat(folder.lines()).hasSize(before.size() + 1).startsWith(before.toArray(new LockLine[0]));
        assertThat(folder.publish()).as("nothing changed since").isEmpty();
    }

    @Test
    void publishingRefusesAFieldWithoutADefault(@TempDir Path copy) throws IOException {
        SchemaFolder folder = new SchemaFolder(copyOfAvro(copy), copy);
        folder.publish();
        edit(copy, "\"name\": \"requested_by\"", "\"name\": \"team\", \"type\": \"string\", \"doc\": \"Team.\"}, "
                + "{\"name\": \"requested_by\"");

        assertThatIllegalStateException()
                .isThrownBy(folder::publish)
                .withMessageContaining("commands cannot be published: it cannot read version 1")
                .withMessageContaining("team");
    }

    private static void checkFields(Schema schema) {
        switch (schema.getType()) {
            case RECORD -> schema.getFields().forEach(field -> {
                assertThat(field.doc()).as(schema.getName() + "." + field.name()).isNotBlank();
                assertThat(field.name()).matches("[a-z][a-z0-9_]*");
                assertThat(SQL_WORDS).doesNotContain(field.name().toLowerCase(Locale.ROOT));
                checkFields(field.schema());
            });
            case ARRAY -> checkFields(schema.getElementType());
            case UNION -> {
                assertThat(schema.getTypes()).hasSize(2);
                assertThat(schema.getTypes().getFirst().getType()).isEqualTo(Schema.Type.NULL);
                checkFields(schema.getTypes().getLast());
            }
            case ENUM -> assertThat(schema.getEnumDefault()).as(schema.getName()).isEqualTo("UNKNOWN");
            case MAP -> assertThat(schema).as("no maps keyed by data").isNull();
            case NULL, BOOLEAN, INT, LONG, FLOAT, DOUBLE, BYTES, STRING, FIXED -> {}
        }
    }

    private static String canonical(Schema schema) {
        return SchemaNormalization.toParsingForm(schema);
    }

    private static Path copyOfAvro(Path target) throws IOException {
        Path source = Path.of(System.getProperty("basedir", "."), "src/main/avro");
        try (var files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve("avro").resolve(source.relativize(file).toString()));
            }
        }
        return target.resolve("avro");
    }

    private static void edit(Path folder, String old, String replacement) throws IOException {
        Path file = folder.resolve("avro/RunCommand.avsc");
        String text = Files.readString(file);
        assertThat(text).contains(old);
        Files.writeString(file, text.replace(old, replacement));
    }
}
