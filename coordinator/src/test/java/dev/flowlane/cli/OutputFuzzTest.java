package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.bus.DeadLetter;
import dev.flowlane.fuzz.Fuzz;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** A host may call itself whatever it likes; none of it may reach a terminal or a spreadsheet as a command. */
final class OutputFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void textForPeopleAndPrograms() {
        Fuzz.target("output")
                .from("host-a", "=HYPERLINK(\"x\")", "+1", "-1", "@a", "\u001b[31mred", "a\tb\r\nc", "\u202eabc", "ä€😀")
                .runText(text -> {
                    harmless(Plain.text(text));
                    harmless(new TextTable().left("A").right("B").row(text, text).render().replace("\n", ""));
                    ObjectNode node = JsonNodeFactory.instance.objectNode().put("message", text);
                    harmless(RecordText.jsonLine(node).strip());
                    assertThat(parsed(RecordText.json(node))).isEqualTo(node);
                    harmless(RecordText.yaml(node).replace("\n", ""));
                    csv(text, node);
                });
    }

    private static void csv(String text, ObjectNode node) {
        String lines = CsvText.of(List.of("message"), RunEvent.getClassSchema()).add(node).toString();
        String cell = lines.substring(lines.indexOf('\n') + 1);
        harmless(cell.replace("\n", "").replace("\r", ""));
        assertThat(cell).as(text).doesNotContainPattern("^\"?[=+@-]");
    }

    @Test
    void deadLetters() {
        Fuzz.target("dead-letters")
                .from("flowlane.commands", "\u001b]0;x\u0007", "not Avro")
                .run(input -> {
                    String text = new String(input, StandardCharsets.UTF_8);
                    DeadLetter letter = new DeadLetter(
                            0, Instant.EPOCH, text, 0, 0, text, ByteBuffer.wrap(input), ByteBuffer.wrap(input));
                    harmless(DeadLettersVerb.table(List.of(letter)).replace("\n", ""));
                    harmless(DeadLettersVerb.text(letter).replace("\n", ""));
                    harmless(RecordText.jsonLine(DeadLettersVerb.json(letter)).strip());
                });
    }

    private static void harmless(String text) {
        assertThat(text.codePoints())
                .noneMatch(c -> Character.isISOControl(c)
                        || Character.getType(c) == Character.FORMAT
                        || Character.getType(c) == Character.LINE_SEPARATOR
                        || Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
    }

    private static Object parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }
}
