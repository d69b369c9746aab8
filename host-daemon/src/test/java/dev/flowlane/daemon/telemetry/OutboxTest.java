package dev.flowlane.daemon.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.FlowStats;
import dev.flowlane.bus.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

class OutboxTest {
    private final List<String> sent = new ArrayList<>();
    private final Map<String, CompletableFuture<?>> underWay = new TreeMap<>();
    private final List<String> settled = new ArrayList<>();
    private int handedOver;
    private Function<String, @Nullable RuntimeException> refusal = _ -> null;

    private final Outbox outbox = new Outbox(new Outbox.Sender() {
        @Override
        public <T extends SpecificRecord> CompletableFuture<?> send(Outbox.Letter<T> letter) {
            RuntimeException refused = refusal.apply(letter.key());
            if (refused instanceof IllegalArgumentException) {
                throw refused;
            }
            if (refused != null) {
                return CompletableFuture.failedFuture(refused);
            }
            sent.add(letter.key());
            CompletableFuture<Void> acknowledged = new CompletableFuture<>();
            underWay.put(letter.key(), acknowledged);
            return acknowledged;
        }
    });

    @Test
    void whatTheProducerTakesIsSettledWhenAllOfItIsAcknowledged() {
        add("1", "2");
        assertThat(sent).containsExactly("1", "2");
        assertThat(handedOver).isEqualTo(1);
        assertThat(outbox.isEmpty()).isTrue();

        acknowledge("1");
        assertThat(settled).isEmpty();
        acknowledge("2");

        assertThat(settled).containsExactly("1 2: null");
    }

    @Test
    void whatItDoesNotTakeNowIsSentLaterInOrderAndOnce() {
        refusal = key -> key.equals("2") ? new TimeoutException("not present in metadata") : null;
        add("1", "2");
        add("3");
        outbox.retry();
        assertThat(sent).containsExactly("1");
        assertThat(handedOver).isZero();
        assertThat(outbox.isEmpty()).isFalse();

        refusal = _ -> null;
        outbox.retry();

        assertThat(sent).containsExactly("1", "2", "3");
        assertThat(handedOver).isEqualTo(2);
        assertThat(outbox.isEmpty()).isTrue();
        underWay.values().forEach(acknowledged -> acknowledged.complete(null));
        assertThat(settled).containsExactly("1 2: null", "3: null");
    }

    @Test
    void whatWillNeverBeTakenHoldsNothingUp() {
        refusal = key -> switch (key) {
            case "1" -> new RecordTooLargeException("too large");
            case "3" -> new IllegalArgumentException("lacks a field");
            default -> null;
        };
        add("1", "2");
        add("3");
        add("4");

        assertThat(sent).containsExactly("2", "4");
        assertThat(handedOver).isEqualTo(3);
        underWay.values().forEach(acknowledged -> acknowledged.complete(null));
        assertThat(settled).containsExactlyInAnyOrder("1 2: too large", "3: lacks a field", "4: null");
    }

    private void add(String... keys) {
        List<Outbox.Letter<?>> letters = new ArrayList<>();
        for (String key : keys) {
            letters.add(new Outbox.Letter<>(Topic.FLOW_STATS, key, new FlowStats(), Instant.EPOCH));
        }
        outbox.add(letters, () -> handedOver++, failure -> settled.add(String.join(" ", keys) + ": " + text(failure)));
    }

    private void acknowledge(String key) {
        Objects.requireNonNull(underWay.get(key)).complete(null);
    }

    private static @Nullable String text(@Nullable Throwable failure) {
        if (failure == null) {
            return null;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause == null ? null : cause.getMessage();
    }
}
