package dev.flowlane.core.steering;

import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * How often a predicted receive CPU was the one that the kernel saw, for each host and the peer that its packets come
 * from. Predictions are believed at first, and dropped when after {@value #OBSERVATIONS_MIN} observations fewer than
 * {@value #HITS_NUMERATOR} of {@value #HITS_DENOMINATOR} were right: an interface may hash otherwise than it says, an
 * address may be translated on the way, a driver may number its queues differently. Observing goes on, so that they
 * come back when they are right again. What is older counts less: at {@value #OBSERVATIONS_MAX} observations both
 * numbers are halved.
 */
public record PredictionTrust(PSortedMap<Direction, Tally> tallies) {
    static final int OBSERVATIONS_MIN = 8;
    static final int OBSERVATIONS_MAX = 64;
    static final int HITS_NUMERATOR = 3;
    static final int HITS_DENOMINATOR = 4;

    /** Nothing was observed yet. */
    public static final PredictionTrust NEW = new PredictionTrust(TreePMap.empty());

    /** Packets that {@code receiver} gets from {@code sender}. */
    public record Direction(String receiver, String sender) implements Comparable<Direction> {
        @Override
        public int compareTo(Direction other) {
            int byReceiver = receiver.compareTo(other.receiver);
            return byReceiver != 0 ? byReceiver : sender.compareTo(other.sender);
        }
    }

    /** So many predictions were compared with what the kernel saw, so many of them were right. */
    public record Tally(int observations, int hits) {
        static final Tally NONE = new Tally(0, 0);

        Tally and(boolean hit) {
            Tally next = new Tally(observations + 1, hits + (hit ? 1 : 0));
            return next.observations < OBSERVATIONS_MAX ? next : new Tally(next.observations / 2, next.hits / 2);
        }

        boolean trusted() {
            return observations < OBSERVATIONS_MIN || hits * HITS_DENOMINATOR >= observations * HITS_NUMERATOR;
        }

        @Override
        public String toString() {
            return hits + " of " + observations;
        }
    }

    /** With one more comparison; both are CPU numbers. */
    public PredictionTrust observe(Direction direction, int predictedCpu, int observedCpu) {
        return new PredictionTrust(tallies.plus(direction, tally(direction).and(predictedCpu == observedCpu)));
    }

    /** Whether predictions are to be used. */
    public boolean trusted(Direction direction) {
        return tally(direction).trusted();
    }

    /** What was counted so far. */
    public Tally tally(Direction direction) {
        return tallies.getOrDefault(direction, Tally.NONE);
    }

    /** Without what was observed at this receiver: its interfaces are not what they were. */
    public PredictionTrust forget(String receiver) {
        PSortedMap<Direction, Tally> kept = tallies;
        for (Direction direction : tallies.keySet()) {
            if (direction.receiver().equals(receiver)) {
                kept = kept.minus(direction);
            }
        }
        return new PredictionTrust(kept);
    }
}
