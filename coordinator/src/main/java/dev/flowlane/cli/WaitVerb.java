package dev.flowlane.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.time.Duration;
import java.util.concurrent.Callable;

/** {@code wait} and {@code watch}: follow somebody's run to its end and print its result. */
abstract sealed class WaitVerb implements Callable<Integer> {
    private static final Duration HISTORY = Duration.ofSeconds(15);

    private final CliContext context;
    private final boolean progress;

    @Parameters(paramLabel = "RUN", description = "Id of the run.")
    String runId = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Leaves when the run has not ended after this time; exit code 124. The run goes on.")
    @Nullable String timeout;

    @Mixin OutputOptions output = new OutputOptions();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    private WaitVerb(CliContext context, boolean progress) {
        this.context = context;
        this.progress = progress;
    }

    /** Without progress. */
    @Command(
            name = "wait",
            sortOptions = false,
            header = {
                "Waits for the end of a run and prints its result.",
                "",
                "Examples:",
                "  flowlane wait nightly-1 --timeout 5m -o json",
                ""
            },
            footer = {"", "Exit code: as 'flowlane run'. Leaving with Ctrl-C does not cancel the run."})
    static final class Wait extends WaitVerb {
        Wait(CliContext context) {
            super(context, false);
        }
    }

    /** With progress. */
    @Command(
            name = "watch",
            sortOptions = false,
            header = {
                "Shows the progress of a run and, at its end, its result.",
                "",
                "Examples:",
                "  flowlane watch nightly-1",
                "  flowlane watch nightly-1 -o jsonl      # intervals as they come, the result last",
                ""
            },
            footer = {"", "Exit code: as 'flowlane run'. Leaving with Ctrl-C does not cancel the run."})
    static final class Watch extends WaitVerb {
        Watch(CliContext context) {
            super(context, true);
        }
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        Output data = Output.of(context, output, common);
        Duration limit = Submission.timeout(timeout);
        RunListener listener =
                progress ? Submission.progress(context, common, output, messages) : RunListener.none();
        try (Cluster cluster = Cluster.existing(context, bus, messages);
                RunSession session = RunSession.withHistory(cluster, runId, listener)) {
            session.catchUp(HISTORY);
            if (session.sight().run() == null && session.sight().result() == null) {
                throw TopicView.unknownRun(runId);
            }
            RunFollower follower =
                    new RunFollower(cluster, session, context.interrupts(), messages, Submission.requester());
            RunFollower.Ended ended = follower.follow(limit, RunFollower.OnLeave.LEAVE_RUN);
            if (progress && data.format() == OutputFormat.JSONL) {
                follower.readLastIntervals();
            }
            follower.endProgress();
            if (ended.result() != null) {
                data.result(ended.result());
            } else if (ended.timedOut()) {
                messages.warn("run " + runId + " is still " + ended.state() + " after --timeout; it goes on");
            } else {
                messages.warn("the run is " + ended.state() + " and has left no result");
            }
            return ended.exitCode();
        }
    }
}
