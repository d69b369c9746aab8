package dev.flowlane.daemon;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

import java.lang.management.ManagementFactory;

/**
 * How far a consumer of this process is behind, as Kafka's client publishes it as an MBean. Not a number when a user
 * has replaced the JMX reporter ({@code metric.reporters}), or before the first fetch.
 */
final class ConsumerLag {
    private final ObjectName partitions;

    /**
     * The lag of one consumer.
     *
     * @param clientId its client id, of letters, digits, dots, dashes and underscores
     */
    ConsumerLag(String clientId) {
        try {
            this.partitions = new ObjectName("kafka.consumer:type=consumer-fetch-manager-metrics,client-id=" + clientId
                    + ",topic=*,partition=*");
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Records that are there but were not read yet, over all partitions. */
    double records() {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        double sum = 0;
        boolean known = false;
        for (ObjectName partition : beans.queryNames(partitions, null)) {
            double lag = records(beans, partition);
            if (Double.isFinite(lag)) {
                sum += lag;
                known = true;
            }
        }
        return known ? sum : Double.NaN;
    }

    private static double records(MBeanServer beans, ObjectName partition) {
        try {
            return beans.getAttribute(partition, "records-lag") instanceof Double lag ? lag : Double.NaN;
        } catch (JMException e) {
            // The partition was given up meanwhile.
            return Double.NaN;
        }
    }
}
