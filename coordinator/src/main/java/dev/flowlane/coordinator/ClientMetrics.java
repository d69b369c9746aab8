package dev.flowlane.coordinator;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

import java.lang.management.ManagementFactory;
import java.util.OptionalDouble;

/**
 * What Kafka's consumer publishes about itself as MBeans, by the names in Kafka's manual. Empty when a user has
 * replaced the JMX reporter ({@code metric.reporters}).
 */
final class ClientMetrics {
    private final MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    private final ObjectName fetches;
    private final ObjectName partitions;

    /**
     * Reads the metrics of one consumer.
     *
     * @param clientId its client id, of letters, digits, dots and dashes
     */
    ClientMetrics(String clientId) {
        try {
            String consumer = "kafka.consumer:type=consumer-fetch-manager-metrics,client-id=" + clientId;
            this.fetches = new ObjectName(consumer);
            this.partitions = new ObjectName(consumer + ",topic=*,partition=*");
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /**
     * Fetch requests answered so far. Brokers answer at least twice a second, so a number that stands still is silence.
     */
    OptionalDouble fetchesAnswered() {
        return attribute(fetches, "fetch-total");
    }

    /** Records that are there but were not read yet, over all partitions. */
    OptionalDouble lagRecords() {
        double sum = 0;
        boolean known = false;
        for (ObjectName partition : beans.queryNames(partitions, null)) {
            OptionalDouble lag = attribute(partition, "records-lag");
            if (lag.isPresent()) {
                sum += lag.getAsDouble();
                known = true;
            }
        }
        return known ? OptionalDouble.of(sum) : OptionalDouble.empty();
    }

    private OptionalDouble attribute(ObjectName bean, String name) {
        try {
            return beans.getAttribute(bean, name) instanceof Double value && Double.isFinite(value)
                    ? OptionalDouble.of(value)
                    : OptionalDouble.empty();
        } catch (JMException e) {
            return OptionalDouble.empty();
        }
    }
}
