package dev.flowlane.cli;

import dev.flowlane.avro.Baseline;
import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.compare.Change;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code compare}: whether two runs differ, and by how much. */
@Command(
        name = "compare",
        sortOptions = false,
        header = {
            "Compares two runs over their trials: medians, how sure the change is, what else is different.",
            "",
            "Examples:",
            "  flowlane compare before after",
            "  flowlane compare --baseline release-1 nightly-7 --fail-if-worse --tolerance 2",
            "  flowlane compare a1,a2,a3,a4 b1,b2,b3,b4        runs that were made alike, as trials of one",
            ""
        },
        footer = {
            "",
            "The interval is a 95 % bootstrap interval of the change of the median; ~ is a difference that the",
            "Mann-Whitney test does not tell from chance (p >= 0.05).",
            "",
            "Exit code: 0; 99 when the later run missed one of its thresholds, or with --fail-if-worse."
        })
final class CompareVerb implements Callable<Integer> {
    private static final double PERCENT = 100;

    private final CliContext context;

    @Parameters(arity = "1..2", paramLabel = "RUN", description = "Two runs, or one with --baseline.")
    List<String> runs = List.of();

    @Option(names = "--baseline", paramLabel = "NAME", description = "Compare with this baseline.")
    @Nullable String baseline;

    @Option(
            names = "--fail-if-worse",
            description = "Exit code 99 when a figure is significantly worse.")
    boolean failIfWorse;

    @Option(
            names = "--tolerance",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description = "Changes up to this do not count for --fail-if-worse. Default: 0.")
    double tolerancePercent;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the bootstrap: the same seed gives the same intervals. Default: 1.")
    long seed;

    @Mixin OutputOptions output = new OutputOptions();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    CompareVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        if (runs.size() != (baseline == null ? 2 : 1)) {
            throw CliException.usage(
                    baseline == null ? "two runs are compared; one is given" : "--baseline is compared with one run",
                    "flowlane compare BEFORE AFTER", "flowlane compare --baseline NAME RUN");
        }
        if (!(tolerancePercent >= 0 && tolerancePercent <= PERCENT)) {
            throw CliException.usage("--tolerance: " + tolerancePercent + " is not from 0 to 100 (percent)");
        }
        Output data = Output.of(context, output, common);
        try (Cluster cluster = Cluster.existing(context, bus, messages)) {
            List<RunResult> before = baseline == null
                    ? results(cluster, runs.getFirst())
                    : List.of(baseline(cluster, baseline).getRunResult());
            List<RunResult> after = results(cluster, runs.getLast());
            RunComparison comparison = RunComparison.of(before, after, seed);
            data.object(ComparisonText.json(comparison), () -> ComparisonText.table(comparison, data.colour()));
            return exitCode(comparison, messages);
        }
    }

    private int exitCode(RunComparison comparison, Messages messages) {
        List<Change> worse = failIfWorse ? comparison.worse(tolerancePercent / PERCENT) : List.of();
        if (!worse.isEmpty()) {
            messages.warn("significantly worse: "
                    + worse.stream().map(change -> change.figure().title()).collect(Collectors.joining(", ")));
        }
        boolean missed = comparison.after().stream().anyMatch(ExitCode::missed);
        return missed || !worse.isEmpty() ? ExitCode.THRESHOLD_MISSED : ExitCode.OK;
    }

    private static List<RunResult> results(Cluster cluster, String runIds) {
        return new ArrayList<>(
                RunRecords.of(cluster, List.of(runIds.split(",", -1))).results().values());
    }

    private static Baseline baseline(Cluster cluster, String name) {
        Baseline found = new TopicView(cluster).latest(Topic.BASELINES).get(name);
        if (found == null) {
            throw CliException.rejected("there is no baseline " + name,
                    "those that there are: flowlane baselines list",
                    "to set it: flowlane baselines set " + name + " RUN");
        }
        return found;
    }
}
