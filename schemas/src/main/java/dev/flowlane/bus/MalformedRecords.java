package dev.flowlane.bus;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What happens to the records that a reader cannot decode: counted, copied to the dead letters, logged at most every
 * ten seconds.
 */
final class MalformedRecords implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MalformedRecords.class);
    private static final long LOG_PERIOD_NS = Duration.ofSeconds(10).toNanos();

    private final @Nullable DeadLetters deadLetters;
    private final AtomicLong count = new AtomicLong();
    private final Map<String, Long> counts = new ConcurrentHashMap<>();
    private long loggedCount;
    private long loggedAtNs = System.nanoTime() - LOG_PERIOD_NS;

    MalformedRecords(@Nullable DeadLetters deadLetters) {
        this.deadLetters = deadLetters;
    }

    void add(ConsumerRecord<byte @Nullable [], byte @Nullable []> malformed, String reason) {
        long soFar = count.incrementAndGet();
        counts.merge(malformed.topic(), 1L, Long::sum);
        if (deadLetters != null) {
            deadLetters.write(malformed, reason);
        }
        long nowNs = System.nanoTime();
        if (nowNs - loggedAtNs >= LOG_PERIOD_NS) {
            LOG.atWarn()
                    .addKeyValue("topic", malformed.topic())
                    .addKeyValue("partition", malformed.partition())
                    .addKeyValue("offset", malformed.offset())
                    .addKeyValue("reason", reason)
                    .addKeyValue("new", soFar - loggedCount)
                    .addKeyValue("total", soFar)
                    .log("malformed record passed over");
            loggedAtNs = nowNs;
            loggedCount = soFar;
        }
    }

    long count() {
        return count.get();
    }

    /** By name of topic. */
    Map<String, Long> counts() {
        return Map.copyOf(counts);
    }

    long lostDeadLetters() {
        return deadLetters == null ? 0 : deadLetters.lost();
    }

    @Override
    public void close() {
        if (deadLetters != null) {
            deadLetters.close();
        }
    }
}
