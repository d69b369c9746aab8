package dev.flowlane.cli;

import dev.flowlane.avro.Baseline;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.SpecValidator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

/** {@code baselines}: results under names, which later runs are compared with. */
@Command(
        name = "baselines",
        header = {
            "Keeps results under names, for 'flowlane compare --baseline NAME RUN'.",
            "",
            "Examples:",
            "  flowlane baselines set release-1 nightly-7",
            "  flowlane baselines list",
            "  flowlane baselines remove release-1",
            ""
        },
        footer = {"", "A baseline holds the whole result: it stays when the topic of results forgets the run."},
        subcommands = {})
final class BaselinesVerb {
    @Mixin CommonOptions common = new CommonOptions();

    /** All of them. */
    @Command(name = "list", sortOptions = false, header = "Lists the baselines.")
    static final class BaselineList implements Callable<Integer> {
        private final CliContext context;

        @Mixin OutputOptions output = new OutputOptions();
        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        BaselineList(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            try (Cluster cluster = Cluster.existing(context, bus, Messages.of(context, common))) {
                List<Baseline> baselines = new ArrayList<>(new TopicView(cluster).latest(Topic.BASELINES).values());
                Output.of(context, output, common)
                        .records(Baseline.getClassSchema(), baselines, () -> table(baselines));
                return ExitCode.OK;
            }
        }

        private static String table(List<Baseline> baselines) {
            TextTable table = new TextTable().left("NAME").left("RUN").left("STATE").right("TRIALS").right("THROUGHPUT")
                    .left("SET").left("BY");
            for (Baseline baseline : baselines) {
                RunResult result = baseline.getRunResult();
                table.row(
                        baseline.getName(),
                        result.getRunId(),
                        result.getState().toString(),
                        Integer.toString(Math.max(1, result.getTrials().size())),
                        Scaled.bitsPerSecond(result.getThroughputBitsPerSecond()),
                        ListVerb.seconds(baseline.getEventTime()),
                        baseline.getSavedBy());
            }
            return baselines.isEmpty() ? "no baselines\n" : table.render();
        }
    }

    /** One more, or another run under a name. */
    @Command(name = "set", sortOptions = false, header = "Keeps a run's result under a name.")
    static final class Set implements Callable<Integer> {
        private final CliContext context;

        @Parameters(index = "0", paramLabel = "NAME", description = "Name; 1 to 64 of A-Z a-z 0-9 . _ -")
        String name = "";

        @Parameters(index = "1", paramLabel = "RUN", description = "Id of an ended run.")
        String runId = "";

        @Option(names = "--force", description = "Also a run that is not COMPLETED.")
        boolean force;

        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        Set(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            Problem problem = SpecValidator.runIdProblem(name);
            if (problem != null) {
                throw CliException.usage("'" + Plain.text(name) + "' is no name of a baseline",
                        "allowed: " + problem.allowed());
            }
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                RunResult result = RunRecords.of(cluster, List.of(runId)).results().get(runId);
                if (result == null || (result.getState() != RunStateName.COMPLETED && !force)) {
                    throw CliException.rejected("run " + runId + " is "
                            + (result == null ? "unknown" : result.getState()) + ", which later runs cannot be held to",
                            "to keep it all the same: --force");
                }
                Baseline before = new TopicView(cluster).latest(Topic.BASELINES).get(name);
                write(cluster, name, Baseline.newBuilder()
                        .setName(name)
                        .setEventTime(Instant.now())
                        .setSavedBy(Submission.requester())
                        .setRunResult(result)
                        .build());
                messages.info("baseline " + name + " is run " + runId
                        + (before == null ? "" : "; it was run " + before.getRunResult().getRunId()));
                return ExitCode.OK;
            }
        }
    }

    /** One less. */
    @Command(name = "remove", sortOptions = false, header = "Forgets a baseline; its run stays.")
    static final class Remove implements Callable<Integer> {
        private final CliContext context;

        @Parameters(paramLabel = "NAME", description = "Name of the baseline.")
        String name = "";

        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        Remove(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                if (!new TopicView(cluster).latest(Topic.BASELINES).containsKey(name)) {
                    throw CliException.rejected("there is no baseline " + Plain.text(name),
                            "those that there are: flowlane baselines list");
                }
                write(cluster, name, null);
                messages.info("baseline " + name + " is removed");
                return ExitCode.OK;
            }
        }
    }

    private static void write(Cluster cluster, String name, @Nullable Baseline baseline) {
        try (BusWriter writer = cluster.bus().writer("flowlane-cli")) {
            writer.send(Topic.BASELINES, name, baseline).get();
        } catch (ExecutionException e) {
            throw Failures.translate(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }
}
