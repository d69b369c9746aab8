package dev.flowlane.coordinator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.Partitioner;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.RunSpecAvro;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.page.PageProblem;
import dev.flowlane.request.RunRequests;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Submits and cancels for the page: the very records that the command line sends, over the bus, answered over the bus.
 * One at a time, on a thread of its own; a bounded number waits.
 */
final class CommandDesk implements AutoCloseable {
    private static final int WAITING_MAX = 8;
    private static final long IDLE_SECONDS = 30;
    private static final Duration POLL = Duration.ofMillis(50);

    private final Bus bus;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor executor;

    /** What is answered over HTTP. */
    record Answer(int status, ObjectNode body) {}

    CommandDesk(Bus bus, LongSupplier nanoTime) {
        this.bus = bus;
        this.nanoTime = nanoTime;
        this.executor = new ThreadPoolExecutor(
                0, 1, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().daemon().name("page-commands").factory());
    }

    /** Asks for a run; completes exceptionally with a {@link PageProblem}. */
    CompletableFuture<Answer> submit(String runId, RunSpec spec, String requestedBy) {
        return ask(runId, requests -> submitted(
                runId, requests.submit(RunSpecAvro.toAvro(spec), requestedBy, RunRequests.ANSWER_WITHIN)));
    }

    /** Asks for a run's end; completes exceptionally with a {@link PageProblem}. */
    CompletableFuture<Answer> cancel(String runId, String reason, String requestedBy) {
        return ask(runId, requests -> cancelled(
                runId, requests.cancel(reason, requestedBy, RunRequests.ANSWER_WITHIN)));
    }

    private interface Question {
        Answer ask(RunRequests requests) throws ExecutionException;
    }

    private CompletableFuture<Answer> ask(String runId, Question question) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try (Channel channel = new Channel(runId)) {
                    answer.complete(question.ask(channel.requests()));
                } catch (PageProblem problem) {
                    answer.completeExceptionally(problem);
                } catch (BusException | KafkaException e) {
                    answer.completeExceptionally(unavailable(String.valueOf(e.getMessage())));
                } catch (ExecutionException e) {
                    answer.completeExceptionally(unavailable(String.valueOf(e.getCause())));
                } catch (RuntimeException e) {
                    answer.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new PageProblem(
                    503, "", "too many commands wait for the coordinator's answer; try again in a few seconds",
                    "at most " + WAITING_MAX));
        }
        return answer;
    }

    /** Reader and writer of one command. */
    private final class Channel implements AutoCloseable {
        private final BusReader reader;
        private @Nullable BusWriter writer;
        private final RunRequests requests;

        Channel(String runId) {
            reader = bus.reader("flowlane-page-commands", OnMalformed.COUNT);
            try {
                int partitions = reader.partitionCount(Topic.RUN_EVENTS);
                reader.assignPartition(Topic.RUN_EVENTS, Partitioner.partitionFor(runId, partitions), ReadFrom.END);
            } catch (RuntimeException e) {
                reader.close();
                throw e;
            }
            requests = new RunRequests(this::writer, runId, this::await);
        }

        RunRequests requests() {
            return requests;
        }

        private BusWriter writer() {
            BusWriter opened = writer == null ? bus.writer("flowlane-page-commands") : writer;
            writer = opened;
            return opened;
        }

        private @Nullable RunEvent await(String commandId, Duration within) {
            long beganNs = nanoTime.getAsLong();
            while (nanoTime.getAsLong() - beganNs < within.toNanos()) {
                for (BusRecord<?> record : reader.poll(POLL)) {
                    RunEvent event = record.as(Topic.RUN_EVENTS);
                    if (event != null && commandId.equals(event.getCommandId())) {
                        return event;
                    }
                }
            }
            return null;
        }

        @Override
        public void close() {
            reader.close();
            if (writer != null) {
                writer.close();
            }
        }
    }

    private static Answer submitted(String runId, @Nullable RunEvent event) {
        RunEvent answer = answered(event, "the run was not started, and will not be by a coordinator that comes later");
        return switch (code(answer)) {
            case "ACCEPTED" -> new Answer(201, body(runId, answer));
            case "UNCHANGED" -> new Answer(200, body(runId, answer));
            case "CONFLICT" -> throw new PageProblem(
                    409, "run", answer.getMessage(), "another id, or none to get a new one");
            case "EXPIRED" -> throw new PageProblem(503, "", answer.getMessage(), "try again");
            default -> throw new PageProblem(422, "spec", answer.getMessage(), "");
        };
    }

    private static Answer cancelled(String runId, @Nullable RunEvent event) {
        RunEvent answer = answered(event, "the run was not cancelled by this");
        return switch (code(answer)) {
            case "CANCELLING", "ACCEPTED" -> new Answer(202, body(runId, answer));
            case "UNCHANGED" -> new Answer(200, body(runId, answer));
            case "NOT_FOUND" -> throw new PageProblem(404, "run", answer.getMessage(), "a run of this installation");
            default -> throw new PageProblem(409, "run", answer.getMessage(), "");
        };
    }

    private static RunEvent answered(@Nullable RunEvent event, String consequence) {
        if (event == null) {
            throw new PageProblem(504, "", "no coordinator answered within "
                    + RunRequests.ANSWER_WITHIN.toSeconds() + " s; " + consequence, "");
        }
        return event;
    }

    private static String code(RunEvent answer) {
        String code = answer.getCode();
        return code == null ? "" : code;
    }

    private static ObjectNode body(String runId, RunEvent answer) {
        return JsonNodeFactory.instance.objectNode()
                .put("run_id", runId)
                .put("code", code(answer))
                .put("state", answer.getState().name())
                .put("message", answer.getMessage());
    }

    private static PageProblem unavailable(String why) {
        return new PageProblem(503, "", "Kafka did not take the command: " + why, "");
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
