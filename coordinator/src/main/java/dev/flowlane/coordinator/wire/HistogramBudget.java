package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.OpaqueBytes;
import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * Whether the histograms of all flows of a run fit into one record of it. Everything else about 4096 flows, the most
 * that a run may have, takes less than 8 MiB, and the topics take records of 16 MiB; a histogram takes up to 7 kB. A
 * run that is over the budget is written without those of its flows: they are in {@code flow-results} in any case, and
 * the merged one of the run stays. Only a coordinator that restarts in the middle of such a run lacks them.
 */
final class HistogramBudget {
    static final long MAX_BYTES = 8L * 1024 * 1024;

    private HistogramBudget() {}

    static boolean fits(Stream<@Nullable OpaqueBytes> histograms) {
        return histograms.filter(Objects::nonNull).mapToLong(OpaqueBytes::sizeBytes).sum() <= MAX_BYTES;
    }
}
