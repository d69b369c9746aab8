package dev.flowlane.faults;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Random moments: {@code -Dmoments=N} of them, 3 when nothing is said, the same again with {@code -Dseed=S}. */
final class Moments {
    private static final int MOMENTS = Integer.getInteger("moments", 3);

    private Moments() {}

    /** So long after a run was submitted. */
    record Moment(String what, int number, Duration after) {
        void await() {
            try {
                Thread.sleep(after);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** Says on standard output what became of it. */
        void became(String outcome) {
            System.out.printf("%s: %s%n", this, outcome);
        }

        @Override
        public String toString() {
            return "%s, moment %d of %d, %d ms after SUBMIT".formatted(what, number, MOMENTS, after.toMillis());
        }
    }

    /**
     * Moments up to a bound, and what it takes to have them again on standard output. Every other one is in the first
     * fifth, in which a run goes through most of its states.
     */
    static List<Moment> of(String what, Duration bound) {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.printf("%d moments for %s: -Dmoments=%d -Dseed=%d%n", MOMENTS, what, MOMENTS, seed);
        Random random = new Random(seed);
        return IntStream.range(0, MOMENTS)
                .mapToObj(number -> {
                    long withinMs = number % 2 == 0 ? bound.toMillis() : bound.toMillis() / 5;
                    return new Moment(what, number + 1, Duration.ofMillis(random.nextLong(withinMs)));
                })
                .toList();
    }
}
