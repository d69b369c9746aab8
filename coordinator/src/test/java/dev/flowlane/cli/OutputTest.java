package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.TrafficKind;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

final class OutputTest {
    @Test
    void jsonIsOneObjectWithEveryNameOfTheSchema() throws IOException {
        RunResult result = Samples.requestResponse("r1");

        JsonNode json = new ObjectMapper().readTree(printed(result, OutputFormat.JSON));

        assertThat(names(json)).containsExactlyElementsOf(names(RunResult.getClassSchema()));
        assertThat(names(json.path("flows").path(0))).containsExactlyElementsOf(names(FlowSummary.getClassSchema()));
        assertThat(json.path("submitted_time").textValue()).isEqualTo("2026-11-21T10:00:00.120Z");
        assertThat(json.path("round_trip_histogram").textValue()).isEqualTo("HISTFA==");
        assertThat(json.path("round_trip_p50_ns").longValue()).isEqualTo(47_200);
        assertThat(json.path("transactions_per_second").doubleValue()).isEqualTo(20_410.4);
        assertThat(json.path("state").textValue()).isEqualTo("COMPLETED");
        assertThat(json.path("flows").path(0).path("reordering_seen").isNull()).isTrue();
    }

    @Test
    void jsonLinesAreOneLineEach() throws IOException {
        String text = printed(Samples.requestResponse("r1"), OutputFormat.JSONL);

        assertThat(text).endsWith("}\n").hasLineCount(1);
        assertThat(new ObjectMapper().readTree(text).path("run_id").textValue()).isEqualTo("r1");
    }

    @Test
    void yamlSaysTheSameAsJson() throws IOException {
        RunResult result = Samples.requestResponse("12e4");

        JsonNode json = new ObjectMapper().readTree(printed(result, OutputFormat.JSON));
        JsonNode yaml = new YAMLMapper().readTree(printed(result, OutputFormat.YAML));

        assertThat(yaml).isEqualTo(json);
    }

    @Test
    void controlCharactersReachNoTerminal() {
        RunResult result = Samples.result("r1", TrafficKind.STREAM,
                        Samples.flow("r1", 0).setSourceHostId("a\u001b[2J\u202e\u0085\n").build())
                .setRequestedBy("\u009bmallory")
                .build();

        for (OutputFormat format : OutputFormat.values()) {
            assertThat(printed(result, format)).as("%s", format).doesNotContain("\u001b", "\u202e", "\u0085", "\u009b");
        }
    }

    @Test
    void csvHasALinePerFlowAndNoFormula() {
        RunResult result = Samples.result("r1", TrafficKind.STREAM,
                        Samples.flow("r1", 0).setSourceHostId("=HYPERLINK(\"http://x\")").build(),
                        Samples.flow("r1", 1).setSourceReceiveCpu(-1).setSourceHostId("-a,b").build())
                .build();

        List<String> lines = printed(result, OutputFormat.CSV).lines().toList();

        assertThat(lines).hasSize(3);
        assertThat(lines.getFirst()).startsWith("run_id,state,flow_id,source_host_id,").doesNotContain("histogram");
        assertThat(lines.get(1)).startsWith("r1,COMPLETED,r1.0,\"'=HYPERLINK(\"\"http://x\"\")\",host-b,");
        assertThat(lines.get(2)).startsWith("r1,COMPLETED,r1.1,\"'-a,b\",host-b,127.0.0.1,40001,127.0.0.1,7411,-1,1,");
    }

    @Test
    void csvOfARunWithoutFlowsIsItsHeader() {
        assertThat(printed(Samples.result("r1", TrafficKind.STREAM).build(), OutputFormat.CSV)).hasLineCount(1);
    }

    private static String printed(RunResult result, OutputFormat format) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Output(new PrintStream(bytes, false, StandardCharsets.UTF_8), format, false).result(result);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> names(Schema schema) {
        return schema.getFields().stream().map(Schema.Field::name).toList();
    }

    @Test
    void columnsBeyondATerminalsWidthFollowBelow() {
        TextTable table = new TextTable().left("FLOW").left("LANE").right("RATE").right("P50")
                .row("0", "a → b", "5.05 k/s", "51 µs")
                .row("1", "a → b", "6 k/s", "52 µs");

        assertThat(table.render(23)).isEqualTo("""
                FLOW  LANE       RATE
                0     a → b  5.05 k/s
                1     a → b     6 k/s

                FLOW    P50
                0     51 µs
                1     52 µs
                """);
        assertThat(table.render(28)).isEqualTo(table.render());
        assertThat(new TextTable().left("ONE").row("1").render(1)).isEqualTo("ONE\n1\n");
    }
}
