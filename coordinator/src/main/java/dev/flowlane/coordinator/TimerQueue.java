package dev.flowlane.coordinator;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * The loop's timers, each under a key, so that arming one twice is arming it once. Timers that are due at the same
 * instant fire in the order in which they were armed. Not thread-safe: the loop owns it.
 *
 * @param <K> key of a timer
 */
final class TimerQueue<K> {
    private record Timer<K>(K key, Instant due, long order) {}

    private final Map<K, Timer<K>> byKey = new HashMap<>();
    private final TreeSet<Timer<K>> byDue = new TreeSet<>(
            Comparator.<Timer<K>, Instant>comparing(Timer::due).thenComparingLong(Timer::order));
    private long armed;

    /** Arms the timer, or moves it if it is armed already. */
    void arm(K key, Instant due) {
        cancel(key);
        Timer<K> timer = new Timer<>(key, due, armed++);
        byKey.put(key, timer);
        byDue.add(timer);
    }

    /** Disarms the timer; without effect if it is not armed. */
    void cancel(K key) {
        Timer<K> timer = byKey.remove(key);
        if (timer != null) {
            byDue.remove(timer);
        }
    }

    /** Takes the first timer that is due; null if none is. */
    @Nullable K takeDue(Instant now) {
        if (byDue.isEmpty() || byDue.first().due().isAfter(now)) {
            return null;
        }
        Timer<K> timer = byDue.removeFirst();
        byKey.remove(timer.key());
        return timer.key();
    }

    /** Time until the next timer is due: zero if one is, {@code atMost} if none is nearer. */
    Duration untilNext(Instant now, Duration atMost) {
        if (byDue.isEmpty()) {
            return atMost;
        }
        Duration left = Duration.between(now, byDue.first().due());
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(atMost) < 0 ? left : atMost;
    }

    /** Timers armed. */
    int size() {
        return byKey.size();
    }
}
