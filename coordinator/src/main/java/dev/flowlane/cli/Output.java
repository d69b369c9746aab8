package dev.flowlane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.RunResult;
import dev.flowlane.coordinator.wire.AvroJson;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

import java.io.PrintStream;
import java.util.List;

/** Data on standard output, in the format that was asked for. */
final class Output {
    private final PrintStream out;
    private final OutputFormat format;
    private final boolean colour;
    private final int width;

    Output(PrintStream out, OutputFormat format, boolean colour) {
        this(out, format, colour, Integer.MAX_VALUE);
    }

    private Output(PrintStream out, OutputFormat format, boolean colour, int width) {
        this.width = width;
        this.out = out;
        this.format = format;
        this.colour = colour;
    }

    /** For a command, as its options and its process have it. */
    static Output of(CliContext context, OutputOptions output, CommonOptions common) {
        boolean colour = context.outIsTerminal() && !common.noColor && context.variable("NO_COLOR") == null;
        int width = context.outIsTerminal() ? context.columns() : Integer.MAX_VALUE;
        return new Output(context.out(), output.format, colour, width);
    }

    OutputFormat format() {
        return format;
    }

    boolean colour() {
        return colour;
    }

    /** The result of a run: one object; CSV has one line per flow. */
    void result(RunResult result) {
        switch (format) {
            case TABLE -> print(ResultTable.of(result, colour, width));
            case JSON -> print(RecordText.json(AvroJson.of(result)));
            case JSONL -> print(RecordText.jsonLine(AvroJson.of(result)));
            case YAML -> print(RecordText.yaml(AvroJson.of(result)));
            case CSV -> {
                CsvText csv = CsvText.of(List.of("run_id", "state"), FlowSummary.getClassSchema());
                for (FlowSummary flow : result.getFlows()) {
                    ObjectNode line = AvroJson.of(flow);
                    line.put("run_id", result.getRunId()).put("state", result.getState().toString());
                    csv.add(line);
                }
                print(csv.toString());
            }
        }
    }

    /** Several records of one kind; {@code table} is only asked for when it is wanted. */
    void records(Schema schema, List<? extends SpecificRecord> records, TableOf table) {
        switch (format) {
            case TABLE -> print(table.text());
            case JSON -> print(RecordText.json(array(records)));
            case YAML -> print(RecordText.yaml(array(records)));
            case JSONL -> records.forEach(record -> print(RecordText.jsonLine(AvroJson.of(record))));
            case CSV -> {
                CsvText csv = CsvText.of(List.of(), schema);
                records.forEach(record -> csv.add(AvroJson.of(record)));
                print(csv.toString());
            }
        }
    }

    /** One record. */
    void record(SpecificRecord record, TableOf table) {
        switch (format) {
            case TABLE -> print(table.text());
            case JSON -> print(RecordText.json(AvroJson.of(record)));
            case JSONL -> print(RecordText.jsonLine(AvroJson.of(record)));
            case YAML -> print(RecordText.yaml(AvroJson.of(record)));
            case CSV -> print(CsvText.of(List.of(), record.getSchema()).add(AvroJson.of(record)).toString());
        }
    }

    /** One object that is no record of the bus. */
    void object(JsonNode object, TableOf table) {
        switch (format) {
            case TABLE -> print(table.text());
            case JSON -> print(RecordText.json(object));
            case JSONL -> print(RecordText.jsonLine(object));
            case YAML -> print(RecordText.yaml(object));
            case CSV -> throw CliException.usage("-o csv: this has no single kind of line",
                    "allowed: table, json, jsonl, yaml");
        }
    }

    /** Text for people. */
    interface TableOf {
        String text();
    }

    private void print(String text) {
        out.print(text);
        out.flush();
    }

    private static ArrayNode array(List<? extends SpecificRecord> records) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        records.forEach(record -> array.add(AvroJson.of(record)));
        return array;
    }
}
