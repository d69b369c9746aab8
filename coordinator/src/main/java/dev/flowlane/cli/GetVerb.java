package dev.flowlane.cli;

import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.coordinator.wire.RunSpecAvro;
import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.SpecResult;
import dev.flowlane.core.spec.SpecText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.List;
import java.util.concurrent.Callable;

/** {@code get}: one run's result, or where it is. */
@Command(
        name = "get",
        sortOptions = false,
        header = {
            "Shows a run: its result when it has ended, else where it is.",
            "",
            "Examples:",
            "  flowlane get nightly-1",
            "  flowlane get nightly-1 -o json | jq .throughput_bits_per_second",
            "  flowlane get nightly-1 --spec | flowlane run -      # once more",
            ""
        },
        footer = {"", "Exit code: 0; 99 when the result does not keep one of its thresholds."})
final class GetVerb implements Callable<Integer> {
    private final CliContext context;

    @Parameters(paramLabel = "RUN", description = "Id of the run.")
    String runId = "";

    @Option(names = "--spec",
            description = "Print the run's spec, without its id, as YAML that 'flowlane run -' takes.")
    boolean specOnly;

    @Mixin OutputOptions output = new OutputOptions();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    GetVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        try (Cluster cluster = Cluster.existing(context, bus, messages)) {
            TopicView.RunFound found = new TopicView(cluster).run(runId);
            Output data = Output.of(context, output, common);
            Run run = found.run();
            RunResult result = found.result();
            if (specOnly) {
                context.out().print(spec(result != null ? result.getSpec() : run != null ? run.getSpec() : null));
                context.out().flush();
            } else if (result != null) {
                data.result(result);
            } else if (run != null) {
                data.record(run, () -> RunTable.of(run));
            }
            return !specOnly && result != null && ExitCode.missed(result) ? ExitCode.THRESHOLD_MISSED : ExitCode.OK;
        }
    }

    private String spec(@org.jspecify.annotations.Nullable RunSpec spec) {
        if (spec == null) {
            throw CliException.rejected("nothing is known of the spec of run " + runId);
        }
        return switch (RunSpecAvro.fromAvro(spec)) {
            case SpecResult.Parsed parsed -> SpecText.yaml(null, parsed.spec());
            case SpecResult.Invalid(List<Problem> problems) -> throw CliException.rejected(
                    "the spec of run " + runId + " is not one that this version could run",
                    problems.stream().map(Problem::toString).toArray(String[]::new));
        };
    }
}
