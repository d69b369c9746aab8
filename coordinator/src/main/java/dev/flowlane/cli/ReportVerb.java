package dev.flowlane.cli;

import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.Topic;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

/** {@code report}: one run as one HTML file. */
@Command(
        name = "report",
        sortOptions = false,
        header = {
            "Writes a run as one HTML file that needs nothing else: charts, lanes, environment, how to repeat it.",
            "",
            "Examples:",
            "  flowlane report nightly-1                      writes nightly-1.html",
            "  flowlane report nightly-1 --file - > out.html",
            ""
        })
final class ReportVerb implements Callable<Integer> {
    private final CliContext context;

    @Parameters(paramLabel = "RUN", description = "Id of an ended run.")
    String runId = "";

    @Option(names = "--file", paramLabel = "FILE", description = "Where to; - is standard output. Default: RUN.html.")
    @Nullable String file;

    @Option(names = "--force", description = "Write over a file that is there.")
    boolean force;

    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    ReportVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        boolean print = "-".equals(file);
        Path path = Path.of(file == null ? Plain.text(runId).replace('/', '_') + ".html" : file);
        if (!print && !force && Files.exists(path)) {
            throw CliException.usage(path + " is there already", "to write over it: --force");
        }
        try (Cluster cluster = Cluster.existing(context, bus, messages)) {
            RunRecords records = RunRecords.of(cluster, List.of(runId));
            RunResult result = Objects.requireNonNull(records.results().get(runId));
            String page = ReportPage.of(result, records.all(Topic.FLOW_STATS), records.all(Topic.LATENCY),
                    records.all(Topic.CPU_USE));
            if (print) {
                context.out().print(page);
                context.out().flush();
            } else {
                Files.writeString(path, page, StandardCharsets.UTF_8);
                messages.info("wrote " + path);
            }
            return ExitCode.OK;
        } catch (IOException e) {
            throw CliException.preflight("cannot write " + path + ": " + e.getMessage());
        }
    }
}
