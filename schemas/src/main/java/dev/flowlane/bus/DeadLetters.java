package dev.flowlane.bus;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies of records that could not be decoded. Nothing waits for them: a thread of their own writes them, and when the
 * dead-letter topic cannot keep up or is missing, they are counted as lost.
 */
final class DeadLetters implements AutoCloseable {
    static final String ORIGIN_TOPIC = "origin-topic";
    static final String ORIGIN_PARTITION = "origin-partition";
    static final String ORIGIN_OFFSET = "origin-offset";
    static final String ERROR = "error";

    private static final int QUEUE_MAX = 1_000;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

    private final BusSettings settings;
    private final String clientId;
    private final AtomicLong lost = new AtomicLong();
    private final ThreadPoolExecutor thread;
    /** Of the thread; opened when it is first needed. */
    private @Nullable KafkaProducer<byte @Nullable [], byte @Nullable []> producer;

    DeadLetters(BusSettings settings, String clientId) {
        this.settings = settings;
        this.clientId = clientId + "-dead-letters";
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE_MAX),
                Thread.ofPlatform().daemon().name(this.clientId).factory(),
                (_, _) -> lost.incrementAndGet());
        thread.allowCoreThreadTimeOut(true);
    }

    void write(ConsumerRecord<byte @Nullable [], byte @Nullable []> origin, String error) {
        var letter = new ProducerRecord<>(
                settings.prefix() + "." + TopicLayout.deadLetters().suffix(), null, origin.key(), origin.value());
        header(letter, ORIGIN_TOPIC, origin.topic());
        header(letter, ORIGIN_PARTITION, Integer.toString(origin.partition()));
        header(letter, ORIGIN_OFFSET, Long.toString(origin.offset()));
        header(letter, ERROR, error);
        thread.execute(() -> send(letter));
    }

    /** Letters that did not reach the dead-letter topic. */
    long lost() {
        return lost.get();
    }

    private void send(ProducerRecord<byte @Nullable [], byte @Nullable []> letter) {
        try {
            if (producer == null) {
                producer = new KafkaProducer<>(
                        ClientProperties.producer(settings, clientId, WriterProfile.CONTROL, null));
            }
            var _ = producer.send(letter, (_, failure) -> {
                if (failure != null) {
                    lost.incrementAndGet();
                }
            });
        } catch (KafkaException e) {
            lost.incrementAndGet();
        }
    }

    private static void header(ProducerRecord<?, ?> letter, String name, String value) {
        letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            thread.execute(() -> {
                if (producer != null) {
                    producer.close(CLOSE_TIMEOUT);
                }
            });
            thread.shutdown();
            if (!thread.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                lost.addAndGet(thread.shutdownNow().size());
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
