package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/**
 * What became of datagrams in the measured window, at one end or at several. The terms are those of Datagrams.avsc. Of
 * both ends of a flow {@code received} and {@code lost} add up to {@code sent}: loss is a figure, not a failure.
 *
 * @param jitterNs at the destination; of several the largest; null where there is none
 */
public record Datagrams(
        long sent,
        long received,
        long lost,
        long duplicates,
        long reordered,
        long late,
        long timedOutRequests,
        long lateResponses,
        long foreign,
        long bufferDrops,
        @Nullable Long jitterNs) {
    private static final Datagrams NONE = new Datagrams(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null);

    /** Share of the sent ones that is lost, 0 to 1; null when none was sent. */
    public @Nullable Double lossRatio() {
        return sent <= 0 ? null : (Double) ((double) lost / sent);
    }

    /** Of all that are known; null when none is. */
    static @Nullable Datagrams sum(List<@Nullable Datagrams> parts) {
        return parts.stream().filter(Objects::nonNull).reduce(Datagrams::plus).orElse(null);
    }

    /** As {@link #sum}, but nothing where nothing is known. */
    static Datagrams of(@Nullable Datagrams known) {
        return known == null ? NONE : known;
    }

    private Datagrams plus(Datagrams other) {
        return new Datagrams(
                sent + other.sent,
                received + other.received,
                lost + other.lost,
                duplicates + other.duplicates,
                reordered + other.reordered,
                late + other.late,
                timedOutRequests + other.timedOutRequests,
                lateResponses + other.lateResponses,
                foreign + other.foreign,
                bufferDrops + other.bufferDrops,
                larger(jitterNs, other.jitterNs));
    }

    private static @Nullable Long larger(@Nullable Long a, @Nullable Long b) {
        return a == null ? b : b == null ? a : (Long) Math.max(a, b);
    }
}
