package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.Input;
import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecResult;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/** What users ask, from the bus and (for the command line) to it. */
public final class RunCommandAvro {
    private RunCommandAvro() {}

    /**
     * Asks for a run.
     *
     * @param commandId chosen by the sender; comes back in the answer
     * @param expiresAt later than this, by the broker's clock, the answer is EXPIRED; null: no limit
     */
    public static dev.flowlane.avro.RunCommand submit(
            String commandId, String runId, String requestedBy, RunSpec spec, @Nullable Instant expiresAt) {
        return dev.flowlane.avro.RunCommand.newBuilder()
                .setCommandType(dev.flowlane.avro.RunCommandType.SUBMIT)
                .setCommandId(commandId)
                .setRunId(runId)
                .setRequestedBy(requestedBy)
                .setExpireTime(expiresAt)
                .setSpec(RunSpecAvro.toAvro(spec))
                .build();
    }

    /**
     * Asks for the end of a run.
     *
     * @param commandId chosen by the sender; comes back in the answer
     * @param reason for people
     * @param expiresAt later than this, by the broker's clock, the answer is EXPIRED; null: no limit
     */
    public static dev.flowlane.avro.RunCommand cancel(
            String commandId, String runId, String requestedBy, @Nullable String reason, @Nullable Instant expiresAt) {
        return dev.flowlane.avro.RunCommand.newBuilder()
                .setCommandType(dev.flowlane.avro.RunCommandType.CANCEL)
                .setCommandId(commandId)
                .setRunId(runId)
                .setRequestedBy(requestedBy)
                .setReason(reason)
                .setExpireTime(expiresAt)
                .build();
    }

    /**
     * The command in a record. One that makes no sense becomes an input as well, because its sender waits for an
     * answer.
     *
     * @param key the record's key, which has to be the run id
     * @param appendTime when the broker got it
     */
    public static Input fromAvro(dev.flowlane.avro.RunCommand record, String key, Instant appendTime) {
        if (!key.equals(record.getRunId())) {
            return unreadable(record, new Problem("run", "the command is about " + Quoted.text(record.getRunId())
                    + ", but the record's key is " + Quoted.text(key), "", "the key of a command is its run id"));
        }
        return switch (record.getCommandType()) {
            case SUBMIT -> submit(record, appendTime);
            case CANCEL -> new Input.CancelRun(
                    record.getCommandId(),
                    record.getRunId(),
                    record.getRequestedBy(),
                    record.getReason(),
                    record.getExpireTime());
            case UNKNOWN -> unreadable(record, new Problem(
                    "command_type", "left out, or of a newer version than this coordinator", "SUBMIT, CANCEL", ""));
        };
    }

    private static Input submit(dev.flowlane.avro.RunCommand record, Instant appendTime) {
        dev.flowlane.avro.@Nullable RunSpec spec = record.getSpec();
        if (spec == null) {
            return unreadable(record, new Problem("spec", "nothing is given", "", "a SUBMIT needs one"));
        }
        return switch (RunSpecAvro.fromAvro(spec)) {
            case SpecResult.Invalid(List<Problem> problems) ->
                new Input.UnreadableSubmit(record.getCommandId(), record.getRunId(), problems);
            case SpecResult.Parsed(_, RunSpec parsed) -> new Input.SubmitRun(
                    record.getCommandId(),
                    record.getRunId(),
                    record.getRequestedBy(),
                    parsed,
                    appendTime,
                    record.getExpireTime());
        };
    }

    private static Input unreadable(dev.flowlane.avro.RunCommand record, Problem problem) {
        return new Input.UnreadableSubmit(record.getCommandId(), record.getRunId(), List.of(problem));
    }
}
