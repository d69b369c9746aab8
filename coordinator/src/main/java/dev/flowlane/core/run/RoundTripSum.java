package dev.flowlane.core.run;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Round trips of all flows of a run, flow by flow: a decoded histogram takes some 400 kB, those of a thousand flows at
 * a time would not fit into the memory of a coordinator. Confined to one thread, for one result.
 */
final class RoundTripSum {
    private @Nullable Histogram all;

    /**
     * Adds those of a flow.
     *
     * @param encoded as its end reported them; null: none were recorded
     * @return what they are; null when there is no sample, or nothing that can be read
     */
    @Nullable RoundTrips add(@Nullable OpaqueBytes encoded) {
        Histogram histogram = encoded == null ? null : Histograms.decode(encoded);
        if (encoded == null || histogram == null) {
            return null;
        }
        Histogram sum = all == null ? Histograms.empty() : all;
        sum.add(histogram);
        all = sum;
        return Histograms.summary(histogram, encoded);
    }

    /** Those of all flows; null when there is no sample. */
    @Nullable RoundTrips merged() {
        return all == null ? null : Histograms.summary(all, Histograms.encode(all));
    }
}
