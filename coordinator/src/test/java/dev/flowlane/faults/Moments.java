package dev.flowlane.faults;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Random moments: {@code -Dmoments=N} of them, 3 when nothing is said, the same again with {@code -Dseed=S}. */
final class Moments {
    private static final int MOMENTS = Integer.getInteger("moments", 3);

    private Moments() {}

    /** So long after something began. */
    record Moment(int number, Duration after) {
        void await() {
            try {
                Thread.sleep(after);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** Moments up to a bound, and what it takes to have them again on standard output. */
    static List<Moment> of(String what, Duration bound) {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.printf("%d moments for %s: -Dmoments=%d -Dseed=%d%n", MOMENTS, what, MOMENTS, seed);
        Random random = new Random(seed);
        return IntStream.range(0, MOMENTS)
                .mapToObj(number -> new Moment(number, Duration.ofMillis(random.nextLong(bound.toMillis()))))
                .toList();
    }
}
