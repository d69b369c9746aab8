package dev.flowlane.request;

import dev.flowlane.avro.RunCommand;
import dev.flowlane.avro.RunCommandType;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** Commands about one run. */
public final class RunRequests {
    /** A coordinator answers within milliseconds; one that is just taking over, within a few seconds. */
    public static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    /** A clock that is further off than this makes expiry times wrong that are meant to last ten seconds. */
    private static final Duration TOLERATED_SKEW = Duration.ofSeconds(2);

    private final Supplier<BusWriter> writer;
    private final String runId;
    private final Answers answers;

    /** Where answers come from. */
    public interface Answers {
        /** The answer to that command, or null when none comes within the time. */
        @Nullable RunEvent await(String commandId, Duration within);
    }

    /**
     * Commands about a run.
     *
     * @param writer asked for with the first command
     * @param answers must not miss an answer that comes after this
     */
    public RunRequests(Supplier<BusWriter> writer, String runId, Answers answers) {
        this.writer = writer;
        this.runId = runId;
        this.answers = answers;
    }

    /**
     * Asks the coordinator for the run.
     *
     * @param answerWithin how long to wait for its answer; a coordinator that reads the command later will not run it
     * @return its answer, whatever it is; null when no coordinator answers
     * @throws ExecutionException if Kafka does not take the command
     */
    public @Nullable RunEvent submit(RunSpec spec, String requestedBy, Duration answerWithin)
            throws ExecutionException {
        Duration skew = Duration.ZERO;
        for (int attempt = 1; ; attempt++) {
            RunCommand command = command(RunCommandType.SUBMIT, requestedBy);
            command.setSpec(spec);
            Instant sent = Instant.now();
            command.setExpireTime(sent.plus(skew).plus(answerWithin));
            RecordMetadata metadata = send(command);
            // The broker's clock decides, and its append time shows how far ours is off.
            skew = Duration.between(sent, Instant.ofEpochMilli(metadata.timestamp()));
            RunEvent answer = answers.await(command.getCommandId(), answerWithin);
            boolean skewed = skew.compareTo(TOLERATED_SKEW) > 0;
            if (answer != null && attempt == 1 && skewed && "EXPIRED".equals(answer.getCode())) {
                continue;
            }
            return answer;
        }
    }

    /**
     * Asks the coordinator to end the run.
     *
     * @return its answer, whatever it is; null when no coordinator answers
     * @throws ExecutionException if Kafka does not take the command
     */
    public @Nullable RunEvent cancel(String reason, String requestedBy, Duration answerWithin)
            throws ExecutionException {
        return answers.await(requestCancel(reason, requestedBy), answerWithin);
    }

    /**
     * Asks the coordinator to end the run and does not wait.
     *
     * @return id of the command
     * @throws ExecutionException if Kafka does not take the command
     */
    public String requestCancel(String reason, String requestedBy) throws ExecutionException {
        RunCommand command = command(RunCommandType.CANCEL, requestedBy);
        command.setReason(reason);
        send(command);
        return command.getCommandId();
    }

    private RunCommand command(RunCommandType type, String requestedBy) {
        RunCommand command = new RunCommand();
        command.setCommandType(type);
        command.setCommandId(UUID.randomUUID().toString());
        command.setRunId(runId);
        command.setRequestedBy(requestedBy);
        return command;
    }

    private RecordMetadata send(RunCommand command) throws ExecutionException {
        try {
            return writer.get().send(Topic.COMMANDS, runId, command).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Kafka took a command", e);
        }
    }
}
