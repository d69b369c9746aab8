package dev.flowlane.cli;

import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunResult;
import dev.flowlane.coordinator.wire.RunSpecAvro;
import dev.flowlane.request.RunIds;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;

/** {@code run}: submit, follow, print. */
@Command(
        name = "run",
        sortOptions = false,
        abbreviateSynopsis = true,
        header = {
            "Measures: submits a run, follows it and prints its result.",
            "",
            "Examples:",
            "  flowlane run                                    one TCP stream for 10 s on a local fleet",
            "  flowlane run --request-size 1 --response-size 1 --duration 5s",
            "  flowlane run nightly.yaml --set placement.exclusive=none -o json > result.json",
            "  flowlane run --bootstrap kafka-1:9092 --source lab-1 --destination lab-2 --flows 8",
            ""
        },
        footer = {
            "",
            "Without --bootstrap the local fleet is used: the one of 'flowlane up', or one that is started for this",
            "run and stopped after it. Ctrl-C cancels the run and waits for what was measured; a second one leaves",
            "at once.",
            "",
            "Exit code: 0 completed, 1 failed, 2 usage, 3 something is missing, 4 not allowed, 5 rejected,",
            "6 partial or disturbed, 99 completed but a threshold was missed, 124 time-out, 130 cancelled."
        })
final class RunVerb implements Callable<Integer> {
    private final CliContext context;

    @Mixin SpecFlags flags = new SpecFlags();
    @Mixin OutputOptions output = new OutputOptions();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Cancels the run when it has not ended after this time; exit code 124.")
    @Nullable String timeout;

    @Option(
            names = "--dry-run",
            description = "Only checks the spec and prints it in YAML, with every default: asks nobody, submits"
                    + " nothing. Where its flows would go: flowlane plan.")
    boolean dryRun;

    @Spec CommandSpec spec = CommandSpec.create();

    RunVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        Output data = Output.of(context, output, common);
        Duration limit = Submission.timeout(timeout);
        // Before anything is started: a spec that is wrong costs nobody a wait.
        SpecFlags.Read read = Submission.read(context, flags, bus, spec);
        if (dryRun) {
            return Submission.show(context, read);
        }
        String runId = Objects.requireNonNullElseGet(read.runId(), () -> RunIds.newId(Instant.now()));
        try (Cluster cluster = Cluster.orStarted(context, bus, messages)) {
            return run(cluster, read, runId, limit, messages, data);
        }
    }

    private int run(
            Cluster cluster,
            SpecFlags.Read read,
            String runId,
            @Nullable Duration limit,
            Messages messages,
            Output data) {
        String requestedBy = Submission.requester();
        boolean known;
        context.interrupts().await();
        messages.info("run " + runId);
        try (RunSession session = RunSession.fromNowOn(cluster, runId, progress(messages))) {
            RunEvent answer = session.submit(RunSpecAvro.toAvro(read.spec()), requestedBy, Submission.ANSWER_WITHIN);
            known = Submission.isKnown(answer);
            if (!known) {
                RunFollower follower = follower(cluster, session, messages, requestedBy);
                return finish(follower, follower.follow(limit, RunFollower.OnLeave.CANCEL_RUN), messages, data);
            }
        }
        messages.info("it was submitted before with the same spec; this is what came of it");
        try (RunSession session = RunSession.withHistory(cluster, runId, progress(messages))) {
            RunFollower follower = follower(cluster, session, messages, requestedBy);
            return finish(follower, follower.follow(limit, RunFollower.OnLeave.LEAVE_RUN), messages, data);
        }
    }

    private RunFollower follower(Cluster cluster, RunSession session, Messages messages, String requestedBy) {
        return new RunFollower(cluster, session, context.interrupts(), messages, requestedBy);
    }

    private int finish(RunFollower follower, RunFollower.Ended ended, Messages messages, Output data) {
        if (data.format() == OutputFormat.JSONL) {
            follower.readLastIntervals();
        }
        follower.endProgress();
        RunResult result = ended.result();
        if (result != null) {
            data.result(result);
        } else {
            messages.warn("the run is " + ended.state() + " and has left no result");
        }
        return ended.exitCode();
    }

    private RunListener progress(Messages messages) {
        return Submission.progress(context, common, output, messages);
    }
}
