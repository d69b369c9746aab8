package dev.flowlane.coordinator.wire;

import dev.flowlane.core.placement.CpuTopology;
import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.HostFeature;
import dev.flowlane.posix.CpuSet;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A daemon's inventory, on its way from the bus. */
public final class HostAvro {
    private HostAvro() {}

    /** What a daemon says about itself. */
    public static Read<HostAnnouncement> fromAvro(dev.flowlane.avro.Host record) {
        try {
            return new Read.Value<>(new HostAnnouncement(
                    record.getHostId(),
                    record.getInstanceId(),
                    record.getEventTime(),
                    record.getOnline(),
                    Duration.ofMillis(record.getLeaseMs()),
                    record.getDataAddresses().stream().map(HostAvro::address).toList(),
                    cpus(record),
                    Set.copyOf(record.getCapabilities()),
                    NicAvro.fromAvro(record.getNics()),
                    features(record),
                    EnvironmentAvro.fromAvro(record.getEnvironment())));
        } catch (IllegalArgumentException e) {
            return new Read.Unreadable<>("host record of " + Quoted.text(record.getHostId()) + ": "
                    + Quoted.text(String.valueOf(e.getMessage())));
        }
    }

    /**
     * What placement needs of it.
     *
     * @throws IllegalArgumentException if a CPU list is none
     */
    private static HostCpus cpus(dev.flowlane.avro.Host record) {
        List<CpuTopology> topology = record.getCpus().stream()
                .map(cpu -> new CpuTopology(
                        cpu.getCpu(),
                        cpu.getCoreId(),
                        cpu.getPackageId(),
                        cpu.getNumaNode(),
                        CpuSet.parse(cpu.getSmtSiblings())))
                .toList();
        return new HostCpus(
                record.getHostId(),
                record.getMachineId(),
                CpuSet.parse(record.getAllowedCpus()),
                CpuSet.parse(record.getIsolatedCpus()),
                topology);
    }

    private static List<HostFeature> features(dev.flowlane.avro.Host record) {
        return record.getKernelFeatures().stream()
                .map(feature -> new HostFeature(feature.getName(), feature.getAvailable(), feature.getReason()))
                .toList();
    }

    private static HostAnnouncement.DataAddress address(dev.flowlane.avro.DataAddress address) {
        return new HostAnnouncement.DataAddress(
                address.getAddress(),
                address.getPort(),
                address.getInterfaceName(),
                ClaimAvro.steering(address.getSteering()));
    }
}
