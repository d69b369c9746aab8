package dev.flowlane.daemon.telemetry;

import dev.flowlane.bus.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The records of intervals on their way to the producer, in order. What it does not take now stays here: it has no
 * room, or does not know the topic, which brokers deny for a moment while they go and come. What it has taken it sends
 * by itself. Bounded by who fills it; confined to one thread.
 */
final class Outbox {
    /** One record. */
    record Letter<T extends SpecificRecord>(Topic<T> topic, String key, T value, Instant time) {}

    /** The way to the producer. */
    interface Sender {
        /** Completes before it returns, with a {@link TimeoutException}, when the producer does not take it now. */
        <T extends SpecificRecord> CompletableFuture<?> send(Letter<T> letter);
    }

    private record Parcel(
            Deque<Letter<?>> unsent,
            List<CompletableFuture<?>> sent,
            Runnable handedOver,
            Consumer<@Nullable Throwable> settled) {}

    private final Sender sender;
    private final Deque<Parcel> waiting = new ArrayDeque<>();

    Outbox(Sender sender) {
        this.sender = sender;
    }

    /**
     * Sends the records of an interval after all that were added before.
     *
     * @param handedOver called when the producer has all of them, maybe before this returns
     * @param settled called when the brokers have all of them, or with why not; on any thread
     */
    void add(List<Letter<?>> letters, Runnable handedOver, Consumer<@Nullable Throwable> settled) {
        waiting.add(new Parcel(new ArrayDeque<>(letters), new ArrayList<>(), handedOver, settled));
        if (waiting.size() == 1) {
            retry();
        }
    }

    /** Whether everything is with the producer. */
    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Hands over what the producer takes by now. */
    void retry() {
        for (Parcel parcel = waiting.peek(); parcel != null && handOver(parcel); parcel = waiting.peek()) {
            waiting.remove();
            parcel.handedOver().run();
            Consumer<@Nullable Throwable> settled = parcel.settled();
            var _ = CompletableFuture.allOf(parcel.sent().toArray(CompletableFuture[]::new))
                    .whenComplete((_, failure) -> settled.accept(failure));
        }
    }

    private boolean handOver(Parcel parcel) {
        for (Letter<?> next = parcel.unsent().peek(); next != null; next = parcel.unsent().peek()) {
            CompletableFuture<?> sent = send(next);
            if (sent.isCompletedExceptionally() && sent.exceptionNow() instanceof TimeoutException) {
                return false;
            }
            parcel.sent().add(sent);
            parcel.unsent().remove();
        }
        return true;
    }

    /** What is wrong with one record holds no other one up. */
    private CompletableFuture<?> send(Letter<?> letter) {
        try {
            return sender.send(letter);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
