package dev.flowlane.core.run;

import dev.flowlane.core.placement.CpuTopology;
import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.HostAnnouncement.DataAddress;
import dev.flowlane.posix.CpuSet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Host records for tests. */
final class Announcements {
    static final Duration LEASE = Duration.ofSeconds(15);

    private Announcements() {}

    static HostAnnouncement of(
            String hostId,
            String machineId,
            String instanceId,
            Instant at,
            int cpus,
            Steering steering,
            List<String> addresses) {
        List<CpuTopology> topology = new ArrayList<>();
        for (int cpu = 0; cpu < cpus; cpu++) {
            topology.add(new CpuTopology(cpu, cpu, 0, 0, CpuSet.of(cpu)));
        }
        List<DataAddress> listeners = new ArrayList<>();
        for (String address : addresses) {
            listeners.add(new DataAddress(address, 7411, "eth0", steering));
        }
        CpuSet all = cpus == 1 ? CpuSet.of(0) : CpuSet.parse("0-" + (cpus - 1));
        return new HostAnnouncement(
                hostId,
                instanceId,
                at,
                true,
                LEASE,
                listeners,
                new HostCpus(hostId, machineId, all, CpuSet.empty(), topology),
                Set.of());
    }

    static HostAnnouncement with(HostAnnouncement announcement, List<HostFeature> features) {
        return with(announcement, features, announcement.environment(), 0);
    }

    /** The same daemon some seconds later with another environment. */
    static HostAnnouncement with(HostAnnouncement announcement, HostEnvironment environment, int secondsLater) {
        return with(announcement, announcement.features(), environment, secondsLater);
    }

    private static HostAnnouncement with(
            HostAnnouncement announcement, List<HostFeature> features, HostEnvironment environment, int secondsLater) {
        return new HostAnnouncement(
                announcement.hostId(),
                announcement.instanceId(),
                announcement.eventTime().plusSeconds(secondsLater),
                announcement.online(),
                announcement.lease(),
                announcement.dataAddresses(),
                announcement.cpus(),
                announcement.capabilities(),
                announcement.nics(),
                features,
                environment);
    }

    /** The same of a daemon that says what it knows. */
    static HostAnnouncement withCapabilities(HostAnnouncement announcement, String... capabilities) {
        return new HostAnnouncement(
                announcement.hostId(),
                announcement.instanceId(),
                announcement.eventTime(),
                announcement.online(),
                announcement.lease(),
                announcement.dataAddresses(),
                announcement.cpus(),
                Set.of(capabilities),
                announcement.nics(),
                announcement.features(),
                announcement.environment());
    }

    static HostAnnouncement offline(HostAnnouncement announcement, Instant at) {
        return new HostAnnouncement(
                announcement.hostId(),
                announcement.instanceId(),
                at,
                false,
                announcement.lease(),
                announcement.dataAddresses(),
                announcement.cpus(),
                announcement.capabilities());
    }
}
