package dev.flowlane.cli;

import dev.flowlane.avro.RunEvent;
import dev.flowlane.coordinator.wire.RunSpecAvro;
import dev.flowlane.request.RunIds;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;

/** {@code submit}: asks for a run, prints its id, returns. */
@Command(
        name = "submit",
        sortOptions = false,
        abbreviateSynopsis = true,
        header = {
            "Submits a run, prints its id and returns.",
            "",
            "Examples:",
            "  id=$(flowlane submit nightly.yaml) && flowlane wait \"$id\"",
            "  flowlane submit --run-id nightly-1 --duration 1h",
            ""
        },
        footer = {
            "",
            "Submitting the same id with the same spec again has no effect; with another spec it is a conflict (5)."
        })
final class SubmitVerb implements Callable<Integer> {
    private final CliContext context;

    @Mixin SpecFlags flags = new SpecFlags();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    @Option(
            names = "--dry-run",
            description = "Only checks the spec and prints it in YAML, with every default: asks nobody, submits"
                    + " nothing. Where its flows would go: flowlane plan.")
    boolean dryRun;

    @Spec CommandSpec spec = CommandSpec.create();

    SubmitVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        SpecFlags.Read read = Submission.read(context, flags, bus, spec);
        if (dryRun) {
            return Submission.show(context, read);
        }
        String runId = Objects.requireNonNullElseGet(read.runId(), () -> RunIds.newId(Instant.now()));
        try (Cluster cluster = Cluster.existing(context, bus, messages);
                RunSession session = RunSession.fromNowOn(cluster, runId, RunListener.none())) {
            RunEvent answer = session.submit(
                    RunSpecAvro.toAvro(read.spec()), Submission.requester(), Submission.ANSWER_WITHIN);
            if (Submission.isKnown(answer)) {
                messages.info("the run was submitted before with the same spec; it is " + answer.getState());
            }
            context.out().println(runId);
            return ExitCode.OK;
        }
    }
}
