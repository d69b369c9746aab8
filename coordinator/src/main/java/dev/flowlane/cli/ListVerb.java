package dev.flowlane.cli;

import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code list}: the runs that the coordinator remembers. */
@Command(
        name = "list",
        sortOptions = false,
        header = {
            "Lists runs, newest first, and below them the line of those that wait: the place of each,",
            "behind whom it is and why, and its earliest begin.",
            "",
            "Examples:",
            "  flowlane list",
            "  flowlane list --active -o json",
            ""
        })
final class ListVerb implements Callable<Integer> {
    private final CliContext context;

    @Option(names = "--active", description = "Only runs that have not ended.")
    boolean active;

    @Mixin OutputOptions output = new OutputOptions();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    ListVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        try (Cluster cluster = Cluster.existing(context, bus, messages)) {
            List<Run> runs = new TopicView(cluster).runs().stream()
                    .filter(run -> !active || !RunSight.isTerminal(run.getState()))
                    .sorted((one, other) -> submitted(other).compareTo(submitted(one)))
                    .toList();
            Output.of(context, output, common).records(Run.getClassSchema(), runs, () -> table(runs));
            if (runs.isEmpty()) {
                messages.info("no runs");
            }
            return ExitCode.OK;
        }
    }

    static String table(List<Run> runs) {
        TextTable table = new TextTable().left("RUN").left("STATE").left("SUBMITTED").left("BY").left("HOSTS")
                .right("FLOWS")
                .left("TRAFFIC").left("REASON");
        for (Run run : runs) {
            RunSpec spec = run.getSpec();
            List<String> reasons = run.getReasons();
            table.row(
                    run.getRunId(),
                    run.getState().toString(),
                    seconds(run.getSubmittedTime()),
                    run.getRequestedBy(),
                    spec == null ? "-" : hosts(spec),
                    run.getFlows().isEmpty() ? "-" : Integer.toString(run.getFlows().size()),
                    spec == null ? "-" : traffic(spec),
                    reasons.isEmpty() ? "" : reasons.getFirst());
        }
        String queue = QueueTable.of(runs);
        return (table.isEmpty() ? "" : table.render()) + (queue.isEmpty() ? "" : "\n" + queue);
    }

    /** The arrow is the way of the payload: of a reverse run it comes from the destinations. */
    static String hosts(RunSpec spec) {
        return String.join(",", spec.getSources()) + (spec.getReverse() ? " ← " : " → ")
                + String.join(",", spec.getDestinations());
    }

    static String traffic(RunSpec spec) {
        return TrafficText.kind(spec.getTrafficKind()) + " " + Scaled.nanos(spec.getDurationNs());
    }

    /** In UTC, as in every record. */
    static String seconds(@Nullable Instant time) {
        return time == null ? "-" : time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static Instant submitted(Run run) {
        Instant time = run.getSubmittedTime();
        return time == null ? Instant.EPOCH : time;
    }
}
