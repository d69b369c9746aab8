package dev.flowlane.daemon;

import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes the daemon's events and its host record, on a thread of its own: a send may wait for a broker that is not
 * there. What the coordinator must hear is sent again until it is acknowledged; a heartbeat is of no use later.
 */
final class EventWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventWriter.class);
    private static final long RETRY_PAUSE_MS = 250;
    private static final long POLL_MS = 50;
    private static final Duration CLOSE_BOUND = Duration.ofMillis(600);

    /** {@code mustArrive} is false for what is stale when it fails. */
    private record Item<T extends SpecificRecord>(Topic<T> topic, String key, T value, boolean mustArrive) {}

    private final Bus bus;
    private final String hostId;
    private final BrokerClock brokerClock;
    private final BlockingDeque<Item<?>> queue = new LinkedBlockingDeque<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final Thread thread = new Thread(this::run, "event-writer");
    private volatile @Nullable Instant lastAcknowledged;
    private volatile boolean closing;
    private boolean started;

    EventWriter(Bus bus, String hostId, BrokerClock brokerClock) {
        this.bus = bus;
        this.hostId = hostId;
        this.brokerClock = brokerClock;
        thread.setDaemon(true);
    }

    void start() {
        started = true;
        thread.start();
    }

    /** An event that the coordinator must hear. */
    void publish(HostEvent event) {
        queue.add(new Item<>(Topic.HOST_EVENTS, hostId, event, true));
    }

    /** A heartbeat; given up when others are still waiting to be sent. */
    void heartbeat(HostEvent event) {
        if (queue.isEmpty()) {
            queue.add(new Item<>(Topic.HOST_EVENTS, hostId, event, false));
        }
    }

    void publish(Host host) {
        queue.add(new Item<>(Topic.HOSTS, hostId, host, true));
    }

    /** When an event was last acknowledged, by the broker's clock; null before the first. */
    @Nullable Instant lastAcknowledged() {
        return lastAcknowledged;
    }

    private void run() {
        try (BusWriter writer = bus.writer("host-daemon-" + hostId + "-events")) {
            while (!closing || !queue.isEmpty()) {
                Item<?> item = queue.poll(POLL_MS, TimeUnit.MILLISECONDS);
                if (item != null) {
                    send(writer, item);
                }
            }
            writer.close(CLOSE_BOUND);
        } catch (KafkaException e) {
            LOG.atError().log("events cannot be written: {}", e.getMessage());
        } catch (InterruptedException e) {
            LOG.atDebug().log("interrupted");
        } finally {
            drained.complete(null);
        }
    }

    private <T extends SpecificRecord> void send(BusWriter writer, Item<T> item) throws InterruptedException {
        long sentNs = brokerClock.monotonicNs();
        CompletableFuture<RecordMetadata> sending = writer.send(item.topic(), item.key(), item.value());
        var _ = sending.whenComplete((metadata, error) -> {
            if (error == null) {
                acknowledged(item, sentNs, metadata);
            } else {
                failed(item, error);
            }
        });
        if (sending.isCompletedExceptionally()) {
            Thread.sleep(RETRY_PAUSE_MS);
        }
    }

    private void acknowledged(Item<?> item, long sentNs, RecordMetadata metadata) {
        if (item.topic() == Topic.HOST_EVENTS && metadata.hasTimestamp()) {
            Instant appended = Instant.ofEpochMilli(metadata.timestamp());
            brokerClock.sample(sentNs, brokerClock.monotonicNs(), appended);
            lastAcknowledged = appended;
        }
    }

    /** On the producer's thread. Those of one outage fail in the order in which they were sent, so that stays. */
    private void failed(Item<?> item, Throwable error) {
        boolean mends = error instanceof RetriableException
                || error instanceof AuthorizationException
                || error instanceof AuthenticationException
                || !(error instanceof ApiException);
        if (item.mustArrive() && mends && !closing) {
            LOG.atWarn()
                    .addKeyValue("topic", item.topic())
                    .log("sent again, because it failed: {}", error.getMessage());
            queue.addLast(item);
        } else if (item.mustArrive()) {
            LOG.atError().addKeyValue("topic", item.topic()).log("lost: {}", error.getMessage());
        } else {
            LOG.atDebug().log("heartbeat lost: {}", error.getMessage());
        }
    }

    /** Sends what is queued, within a bound. */
    @Override
    public void close() {
        closing = true;
        if (!started) {
            return;
        }
        try {
            drained.get(CLOSE_BOUND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // The thread ends with the process.
            LOG.atWarn().addKeyValue("unsent", queue.size()).log("Kafka does not answer: left without a goodbye");
        } catch (ExecutionException e) {
            LOG.atDebug().setCause(e).log("the event writer failed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
