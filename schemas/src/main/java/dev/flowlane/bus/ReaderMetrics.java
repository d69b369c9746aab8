package dev.flowlane.bus;

import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the consumer of a {@link BusReader} counts about itself, by the names in Kafka's manual ("consumer fetch
 * metrics"). From any thread; after the reader is closed the figures stand still.
 */
public final class ReaderMetrics {
    private static final String GROUP = "consumer-fetch-manager-metrics";

    private final Map<MetricName, ? extends Metric> all;
    private final MetricName fetches;

    /** @param all of the consumer, kept up to date by it */
    ReaderMetrics(String clientId, Map<MetricName, ? extends Metric> all) {
        this.all = all;
        this.fetches = new MetricName("fetch-total", GROUP, "", Map.of("client-id", clientId));
    }

    /**
     * Fetch requests answered so far. Brokers answer at least twice a second, so a number that stands still is silence.
     */
    public OptionalDouble fetchesAnswered() {
        Metric metric = all.get(fetches);
        return metric == null ? OptionalDouble.empty() : finite(metric);
    }

    /** Records that are there but were not read yet, over all partitions; empty before the first fetch. */
    public OptionalDouble lagRecords() {
        double sum = 0;
        boolean known = false;
        for (Map.Entry<MetricName, ? extends Metric> metric : all.entrySet()) {
            MetricName name = metric.getKey();
            if (name.group().equals(GROUP) && name.name().equals("records-lag")) {
                OptionalDouble lag = finite(metric.getValue());
                known |= lag.isPresent();
                sum += lag.orElse(0);
            }
        }
        return known ? OptionalDouble.of(sum) : OptionalDouble.empty();
    }

    private static OptionalDouble finite(Metric metric) {
        return metric.metricValue() instanceof Double value && Double.isFinite(value)
                ? OptionalDouble.of(value)
                : OptionalDouble.empty();
    }
}
