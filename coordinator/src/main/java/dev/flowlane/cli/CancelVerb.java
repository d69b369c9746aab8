package dev.flowlane.cli;

import dev.flowlane.avro.RunEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.concurrent.Callable;

/** {@code cancel}: ends a run. */
@Command(
        name = "cancel",
        sortOptions = false,
        header = {
            "Cancels a run; what was measured is kept.",
            "",
            "Examples:",
            "  flowlane cancel nightly-1 && flowlane wait nightly-1",
            ""
        },
        footer = {"", "Returns when the coordinator has taken the command. A run that has ended stays as it is (0)."})
final class CancelVerb implements Callable<Integer> {
    private final CliContext context;

    @Parameters(paramLabel = "RUN", description = "Id of the run.")
    String runId = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for those who see the result.")
    String reason = "cancelled by its user";

    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    CancelVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        try (Cluster cluster = Cluster.existing(context, bus, messages);
                RunSession session = RunSession.fromNowOn(cluster, runId, RunListener.none())) {
            RunEvent answer = session.cancel(reason, Submission.requester(), Submission.ANSWER_WITHIN);
            String code = answer.getCode() == null ? "" : answer.getCode();
            return switch (code) {
                case "CANCELLING", "UNCHANGED", "ACCEPTED" -> {
                    String message = answer.getMessage();
                    messages.info("run " + runId + " is " + answer.getState()
                            + (message.isEmpty() ? "" : ": " + message));
                    yield ExitCode.OK;
                }
                case "NOT_FOUND" -> throw TopicView.unknownRun(runId);
                default -> throw CliException.rejected("not cancelled (" + code + "): " + answer.getMessage());
            };
        }
    }
}
