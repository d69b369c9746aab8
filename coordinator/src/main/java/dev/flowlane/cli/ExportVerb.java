package dev.flowlane.cli;

import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.Counted;
import dev.flowlane.export.PercentileText;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code export}: what runs have left, for other tools. */
@Command(
        name = "export",
        sortOptions = false,
        header = {
            "Writes the results and intervals of ended runs in forms that other tools read.",
            "",
            "Examples:",
            "  flowlane export nightly-1 nightly-2 -o parquet --directory out     one file per topic",
            "  flowlane export nightly-1 -o csv --topic flow-stats > intervals.csv",
            "  flowlane export nightly-1 -o jsonl | jq 'select(.topic == \"latency\")'",
            "  flowlane export nightly-1 -o hgrm > round-trips.hgrm               HdrHistogram's percentiles",
            ""
        },
        footer = {
            "",
            "csv leaves nested values out; parquet has them as JSON text. Times are UTC, the unit of every number is",
            "in its column's name; hgrm is in microseconds."
        })
final class ExportVerb implements Callable<Integer> {
    private final CliContext context;

    @Parameters(arity = "1..*", paramLabel = "RUN", description = "Ids of the runs.")
    List<String> runIds = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            required = true,
            completionCandidates = Formats.class,
            description = "csv, jsonl, parquet, or hgrm.")
    String format = "";

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            completionCandidates = Topics.class,
            description = "Only what is on this topic: run-results, flow-results, flow-stats, latency, tcp-stats,"
                    + " cpu-placement, cpu-use. Default: all; csv on standard output: flow-results.")
    @Nullable String topic;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Write a file per topic (hgrm: per run and flow) into this directory.")
    @Nullable Path directory;

    @Option(names = "--force", description = "Write over files that are there.")
    boolean force;

    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    ExportVerb(CliContext context) {
        this.context = context;
    }

    /** For the shell's completion. */
    static final class Formats implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return List.of("csv", "jsonl", "parquet", "hgrm").iterator();
        }
    }

    /** For the shell's completion. */
    static final class Topics implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return RunRecords.TOPICS.stream().map(Topic::suffix).iterator();
        }
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        List<Topic<?>> topics = topics();
        RecordFile.Format records = switch (format) {
            case "csv" -> RecordFile.Format.CSV;
            case "jsonl" -> RecordFile.Format.JSONL;
            case "parquet" -> RecordFile.Format.PARQUET;
            case "hgrm" -> null;
            default -> throw CliException.usage("-o: '" + Plain.text(format) + "' is no export format",
                    "allowed: csv, jsonl, parquet, hgrm");
        };
        if (records == RecordFile.Format.PARQUET && directory == null) {
            throw CliException.usage("-o parquet: a Parquet file cannot be written to standard output",
                    "say where: --directory DIR");
        }
        try (Cluster cluster = Cluster.existing(context, bus, messages)) {
            RunRecords found = RunRecords.of(cluster, List.copyOf(new java.util.LinkedHashSet<>(runIds)));
            if (records == null) {
                percentiles(found, messages);
            } else if (directory == null) {
                print(found, records, topics);
            } else {
                files(found, records, topics, directory, messages);
            }
            return ExitCode.OK;
        } catch (FileAlreadyExistsException e) {
            throw CliException.usage(e.getFile() + " is there already", "to write over it: --force");
        } catch (IOException e) {
            throw CliException.preflight("cannot write: " + e.getMessage());
        }
    }

    private List<Topic<?>> topics() {
        if (topic == null) {
            return "csv".equals(format) && directory == null ? List.of(Topic.FLOW_RESULTS) : RunRecords.TOPICS;
        }
        List<Topic<?>> chosen = RunRecords.TOPICS.stream()
                .filter(candidate -> candidate.suffix().equals(topic))
                .collect(Collectors.toUnmodifiableList());
        if (chosen.isEmpty()) {
            throw CliException.usage("--topic: '" + Plain.text(String.valueOf(topic)) + "' is no topic of a run",
                    "allowed: " + RunRecords.TOPICS.stream().map(Topic::suffix).collect(Collectors.joining(", ")));
        }
        return chosen;
    }

    private void print(RunRecords found, RecordFile.Format records, List<Topic<?>> topics) throws IOException {
        for (Topic<?> each : topics) {
            RecordFile.Text text = RecordFile.text(records, each);
            found.read(each, record -> context.out().print(text.of(record)));
            context.out().print(text.rest());
        }
        context.out().flush();
    }

    private void files(
            RunRecords found, RecordFile.Format records, List<Topic<?>> topics, Path into, Messages messages)
            throws IOException {
        Files.createDirectories(into);
        for (Topic<?> each : topics) {
            Path file = into.resolve(each.suffix() + "." + format);
            refuseToOverwrite(file);
            long rows;
            try (RecordFile writer = RecordFile.create(file, records, each)) {
                found.read(each, writer::write);
                rows = writer.finish();
            }
            messages.info(file + ": " + Counted.of(rows, "record"));
        }
    }

    private void refuseToOverwrite(Path file) throws FileAlreadyExistsException {
        if (!force && Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
    }

    private void percentiles(RunRecords found, Messages messages) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (RunResult result : found.results().values()) {
            String run = result.getRunId();
            put(texts, run, "round trips of run " + run, result.getRoundTripHistogram());
            put(texts, run + ".intended", "round trips of run " + run + " from the intended send times",
                    result.getIntendedRoundTripHistogram());
            for (FlowSummary flow : directory == null ? List.<FlowSummary>of() : result.getFlows()) {
                put(texts, flow.getFlowId(), "round trips of flow " + flow.getFlowId(), flow.getRoundTripHistogram());
            }
            if (!texts.containsKey(run)) {
                throw CliException.rejected("run " + run + " has no round trips",
                        "only request-response traffic has them");
            }
        }
        if (directory == null) {
            if (found.results().size() > 1) {
                throw CliException.usage("-o hgrm: standard output takes one run", "more: --directory DIR");
            }
            context.out().print(texts.values().iterator().next());
            context.out().flush();
            return;
        }
        Files.createDirectories(directory);
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Path file = directory.resolve(text.getKey() + ".hgrm");
            refuseToOverwrite(file);
            Files.writeString(file, text.getValue(), StandardCharsets.UTF_8);
            messages.info(file.toString());
        }
    }

    private static void put(Map<String, String> texts, String name, String title, @Nullable ByteBuffer histogram) {
        Histogram decoded = PercentileText.decode(histogram);
        if (decoded != null) {
            texts.put(name, PercentileText.of(decoded, Plain.text(title)));
        }
    }
}
