package dev.flowlane.core.run;

import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.steering.HostNics;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What a daemon says about itself in its host record.
 *
 * @param instanceId new at every start of the daemon
 * @param eventTime the daemon's wall clock; only compared with other times of the same daemon
 * @param online false after an orderly end
 * @param lease silence after which the host counts as lost
 * @param cpus CPUs and the machine that they belong to
 * @param nics what is known of its interfaces
 * @param features what its kernel and devices can do or not
 * @param environment what measurements on it depend on
 */
public record HostAnnouncement(
        String hostId,
        String instanceId,
        Instant eventTime,
        boolean online,
        Duration lease,
        List<DataAddress> dataAddresses,
        HostCpus cpus,
        Set<String> capabilities,
        HostNics nics,
        List<HostFeature> features,
        HostEnvironment environment) {

    public HostAnnouncement {
        dataAddresses = List.copyOf(dataAddresses);
        capabilities = Set.copyOf(capabilities);
        features = List.copyOf(features);
    }

    /** Of a host that tells nothing of its kernel's features and its environment. */
    public HostAnnouncement(
            String hostId,
            String instanceId,
            Instant eventTime,
            boolean online,
            Duration lease,
            List<DataAddress> dataAddresses,
            HostCpus cpus,
            Set<String> capabilities,
            HostNics nics) {
        this(
                hostId,
                instanceId,
                eventTime,
                online,
                lease,
                dataAddresses,
                cpus,
                capabilities,
                nics,
                List.of(),
                HostEnvironment.UNKNOWN);
    }

    /** Of a host that tells nothing of its interfaces. */
    public HostAnnouncement(
            String hostId,
            String instanceId,
            Instant eventTime,
            boolean online,
            Duration lease,
            List<DataAddress> dataAddresses,
            HostCpus cpus,
            Set<String> capabilities) {
        this(hostId, instanceId, eventTime, online, lease, dataAddresses, cpus, capabilities, HostNics.UNKNOWN);
    }

    /**
     * A standing data listener.
     *
     * @param address IP address, as text
     * @param steering who decides the receive CPU of flows from other machines
     */
    public record DataAddress(String address, int port, String interfaceName, Steering steering) {
        /** 4 or 6. */
        public int ipVersion() {
            return address.indexOf(':') >= 0 ? 6 : 4;
        }
    }
}
