package dev.flowlane.core.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Virtual time, and topics: what has one key arrives in order, everything is delayed, and a record may arrive a second
 * time later on.
 */
final class SimBus {
    private record Event(Instant at, long order, Runnable action) {}

    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            Comparator.comparing(Event::at).thenComparingLong(Event::order));
    private final Map<String, Instant> lastArrivals = new HashMap<>();
    private long order;
    private boolean faulty = true;
    Instant now = FleetDriver.START;

    SimBus(Random random) {
        this.random = random;
    }

    Random random() {
        return random;
    }

    /** From now on nothing is delivered twice or held up for long. */
    void heal() {
        faulty = false;
    }

    boolean faulty() {
        return faulty;
    }

    boolean chance(double probability) {
        return faulty && random.nextDouble() < probability;
    }

    Duration between(long fromMs, long toMs) {
        return Duration.ofMillis(fromMs + (long) (random.nextDouble() * (toMs - fromMs)));
    }

    void after(Duration delay, Runnable action) {
        at(now.plus(delay), action);
    }

    void at(Instant time, Runnable action) {
        events.add(new Event(time, order++, action));
    }

    /** Takes the next event; false when there is none. */
    boolean next() {
        Event event = events.poll();
        if (event == null) {
            return false;
        }
        now = event.at().isAfter(now) ? event.at() : now;
        event.action().run();
        return true;
    }

    /** Writes to a partition that is read in order. */
    <T> void write(String partition, T value, Consumer<T> reader) {
        deliver(partition, between(1, 8), value, reader);
        if (chance(0.05)) {
            deliver(partition, between(1, 6_000), value, reader);
        }
    }

    private <T> void deliver(String partition, Duration delay, T value, Consumer<T> reader) {
        Duration held = chance(0.02) ? between(100, 3_000) : Duration.ZERO;
        Instant arrival = now.plus(delay).plus(held);
        Instant last = lastArrivals.getOrDefault(partition, now);
        // The copy of a record comes as a new record would: what was written meanwhile may be before it.
        boolean copy = delay.toMillis() > 10;
        Instant at = copy || arrival.isAfter(last) ? arrival : last;
        if (!copy) {
            lastArrivals.put(partition, at);
        }
        at(at, () -> reader.accept(value));
    }
}
