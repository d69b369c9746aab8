package dev.flowlane.cli;

import dev.flowlane.avro.RunEvent;
import dev.flowlane.core.spec.SpecText;
import dev.flowlane.core.spec.Units;
import dev.flowlane.request.RunRequests;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What {@code run} and {@code submit} have in common. */
final class Submission {
    static final Duration ANSWER_WITHIN = RunRequests.ANSWER_WITHIN;

    private Submission() {}

    /** The spec, with the local fleet's hosts where none are given and no other Kafka is named. */
    static SpecFlags.Read read(CliContext context, SpecFlags flags, BusOptions bus, CommandSpec command) {
        SpecFlags.LocalHosts local = bus.isNamed(context) ? null : new SpecFlags.LocalHosts("host-a", "host-b");
        return flags.read(command.commandLine().getParseResult(), context.in(), local);
    }

    /** Prints the spec instead of submitting it: a file that says every default, and can be given to {@code run}. */
    static int show(CliContext context, SpecFlags.Read read) {
        context.out().print(SpecText.yaml(read.runId(), read.spec()));
        context.out().flush();
        return ExitCode.OK;
    }

    /**
     * What the answer to a submission means.
     *
     * @return false: accepted; true: the same run with the same spec was there before
     * @throws CliException if the answer is no
     */
    static boolean isKnown(RunEvent answer) {
        String code = answer.getCode() == null ? "" : answer.getCode();
        return switch (code) {
            case "ACCEPTED" -> false;
            case "UNCHANGED" -> true;
            case "CONFLICT" -> throw CliException.rejected(
                    "conflict: " + answer.getMessage(),
                    "choose another --run-id, or leave it out to get a new one",
                    "what that run is: flowlane get " + answer.getRunId());
            case "EXPIRED" -> throw CliException.rejected("expired: " + answer.getMessage(),
                    "the clocks of this machine and of the broker differ, or the coordinator was away: try again");
            default -> throw CliException.rejected(
                    "rejected" + (code.equals("REJECTED") ? "" : " (" + code + ")") + ": " + answer.getMessage());
        };
    }

    /** The value of {@code --timeout}; null when it was not given. */
    static @Nullable Duration timeout(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            Duration timeout = Units.parseDuration(text);
            if (timeout.isPositive()) {
                return timeout;
            }
        } catch (Units.BadQuantityException e) {
            throw CliException.usage("--timeout: " + e.getMessage());
        }
        throw CliException.usage("--timeout: '" + Plain.text(text) + "' is not a time above 0", "for example: 90s, 5m");
    }

    /** Who asks, for people: user and host. */
    static String requester() {
        String user = System.getProperty("user.name", "?");
        try {
            return user + "@" + Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return user;
        }
    }

    /**
     * How a run's progress is shown: for a terminal, for a log, or not at all; with jsonl its intervals are data as
     * well.
     */
    static RunListener progress(CliContext context, CommonOptions common, OutputOptions output, Messages messages) {
        RunListener progress;
        if (common.quiet) {
            progress = RunListener.none();
        } else if (context.errIsTerminal()) {
            progress = new ScreenProgress(context.err(), messages, context.columns());
        } else {
            progress = new LineProgress(messages);
        }
        return output.format == OutputFormat.JSONL ? new IntervalLines(context.out(), progress) : progress;
    }
}
