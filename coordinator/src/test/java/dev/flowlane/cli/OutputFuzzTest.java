package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.fuzz.FuzzText;

import java.util.List;

/** A host may call itself whatever it likes; none of it may reach a terminal or a spreadsheet as a command. */
final class OutputFuzzTest extends FuzzText {
    private static final ObjectMapper JSON = new ObjectMapper();

    OutputFuzzTest() {
        super("host-a", "=HYPERLINK(\"x\")", "+1", "-1", "@a", "\u001b[31mred", "a\tb\r\nc", "\u202eabc", "ä€😀");
    }

    @Override
    protected void read(String text) {
        Harmless.assertIs(Plain.text(text));
        Harmless.assertIs(new TextTable().left("A").right("B").row(text, text).render().replace("\n", ""));
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("message", text);
        Harmless.assertIs(RecordText.jsonLine(node).strip());
        assertThat(parsed(RecordText.json(node))).isEqualTo(node);
        Harmless.assertIs(RecordText.yaml(node).replace("\n", ""));
        csv(text, node);
    }

    private static void csv(String text, ObjectNode node) {
        String lines = CsvText.of(List.of("message"), RunEvent.getClassSchema()).add(node).toString();
        String cell = lines.substring(lines.indexOf('\n') + 1);
        Harmless.assertIs(cell.replace("\n", "").replace("\r", ""));
        assertThat(cell).as(text).doesNotContainPattern("^\"?[=+@-]");
    }

    private static Object parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }
}
