package dev.flowlane.coordinator;

import dev.flowlane.avro.FlowResult;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import dev.flowlane.bus.TopicLayout;
import dev.flowlane.coordinator.wire.HostCommandAvro;
import dev.flowlane.coordinator.wire.ResultAvro;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.coordinator.wire.RunEventAvro;
import dev.flowlane.core.run.Effect;
import dev.flowlane.core.run.RunEvent;
import dev.flowlane.core.run.RunOutcome;
import dev.flowlane.core.run.RunRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;

/**
 * Writes decisions: everything of one batch in one transaction under the one transactional id of all coordinators of an
 * installation, so that opening a journal fences the one that was open before. One thread.
 */
final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(300);

    private final BusWriter writer;
    private final String groupId;
    private final BrokerClock clock;
    private final Metrics metrics;
    private @Nullable CompletableFuture<Appended> appended;

    /** When the broker says it appended a record, and when its word arrived by the local monotonic clock. */
    private record Appended(Instant time, long acknowledgedNs) {}

    /**
     * Fences every coordinator before this one.
     *
     * @param groupId transactional id, and group under which the progress is kept
     */
    Journal(Bus bus, String clientId, String groupId, BrokerClock clock, Metrics metrics) {
        this.groupId = groupId;
        this.clock = clock;
        this.metrics = metrics;
        this.writer = bus.transactionalWriter(clientId, groupId);
        try {
            writer.learn(Topic.RUNS, Topic.HOST_COMMANDS, Topic.RUN_EVENTS, Topic.RUN_RESULTS, Topic.FLOW_RESULTS);
            writer.initTransactions();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Writes the epoch, the first thing that a coordinator writes. With it goes an order to nobody, which no daemon
     * looks at: its append time shows the broker's clock before anything is decided by it.
     */
    void writeEpoch(long epoch) {
        transaction(() -> {
            send(Topic.RUNS, RunAvro.EPOCH_KEY, RunAvro.epochRecord(epoch));
            send(Topic.HOST_COMMANDS, RunAvro.EPOCH_KEY, HostCommandAvro.toNobody(RunAvro.EPOCH_KEY, epoch));
        });
    }

    /**
     * Writes a batch.
     *
     * @param commandsVersion by host id, the newest version of the host-commands schema that its daemon reads
     * @param nextOffsets progress that belongs to it
     */
    void write(Batch batch, ToIntFunction<String> commandsVersion, Map<TopicPartition, Long> nextOffsets) {
        transaction(() -> {
            for (RunRecord run : batch.runs()) {
                send(Topic.RUNS, run.runId(), RunAvro.toAvro(run));
            }
            for (Effect.SendHostCommand command : batch.commands()) {
                HostCommand record = HostCommandAvro.toAvro(command);
                int version = commandsVersion.applyAsInt(command.hostId());
                sent(Topic.HOST_COMMANDS, writer.send(Topic.HOST_COMMANDS, command.hostId(), record, version));
            }
            for (RunEvent event : batch.events()) {
                send(Topic.RUN_EVENTS, event.runId(), RunEventAvro.toAvro(event), event.at());
            }
            batch.trials().forEach(this::sendFlows);
            for (RunOutcome outcome : batch.results()) {
                send(Topic.RUN_RESULTS, outcome.runId(), ResultAvro.run(outcome), outcome.endedAt());
                sendFlows(outcome);
            }
            writer.sendOffsets(nextOffsets, groupId);
        });
    }

    private void sendFlows(RunOutcome outcome) {
        for (FlowResult flow : ResultAvro.flows(outcome)) {
            send(Topic.FLOW_RESULTS, flow.getFlowId(), flow, outcome.endedAt());
        }
    }

    /** Remembers progress without a decision. */
    void writeProgress(Map<TopicPartition, Long> nextOffsets) {
        transaction(() -> writer.sendOffsets(nextOffsets, groupId));
    }

    /**
     * On an exception nobody knows what became of the transaction, nor is it tried to find out: the owner closes the
     * journal and begins again from the topics, which is the only place where it shows.
     */
    private void transaction(Runnable sends) {
        long beganNs = clock.monotonicNs();
        appended = null;
        writer.beginTransaction();
        sends.run();
        writer.commitTransaction();
        long committedNs = clock.monotonicNs();
        metrics.committed(Duration.ofNanos(committedNs - beganNs));
        LOG.atDebug().addKeyValue("took_us", (committedNs - beganNs) / 1_000).log("committed");
        // The commit has waited for every send.
        Appended seen = appended == null ? null : appended.getNow(null);
        if (seen != null) {
            clock.wrote(beganNs, seen.acknowledgedNs(), seen.time());
        }
    }

    private <T extends SpecificRecord> void send(Topic<T> topic, String key, T value) {
        send(topic, key, value, null);
    }

    private <T extends SpecificRecord> void send(Topic<T> topic, String key, T value, @Nullable Instant recordTime) {
        sent(topic, writer.send(topic, key, value, recordTime));
    }

    private void sent(Topic<?> topic, CompletableFuture<RecordMetadata> sent) {
        if (appended == null && topic.layout().clock() == TopicLayout.Clock.BROKER) {
            appended = sent.thenApply(metadata ->
                    new Appended(Instant.ofEpochMilli(metadata.timestamp()), clock.monotonicNs()));
        }
    }

    @Override
    public void close() {
        writer.close(CLOSE_TIMEOUT);
    }
}
