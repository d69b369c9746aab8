package dev.flowlane.daemon;

import dev.flowlane.avro.Cpu;
import dev.flowlane.avro.DataAddress;
import dev.flowlane.avro.EnvironmentFact;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.KernelFeature;
import dev.flowlane.avro.Steering;
import dev.flowlane.bus.SchemaHistory;
import dev.flowlane.bus.Topic;
import dev.flowlane.daemon.inventory.CpuTopology;
import dev.flowlane.daemon.inventory.Environment;
import dev.flowlane.daemon.inventory.Feature;
import dev.flowlane.daemon.inventory.Machine;
import dev.flowlane.daemon.inventory.Nic;
import dev.flowlane.daemon.inventory.SteeringDetector;
import dev.flowlane.posix.AddressText;
import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the daemon announces of itself.
 *
 * @param machineId of the kernel under it, or whatever it was told to say
 * @param addresses where the data plane listens
 */
record HostRecord(
        String hostId,
        String instanceId,
        String machineId,
        String version,
        Instant started,
        Machine machine,
        List<InetSocketAddress> addresses) {
    static final Duration HEARTBEAT = Duration.ofSeconds(1);
    static final Duration LEASE = Duration.ofSeconds(15);

    /** Traffic kinds and engines that this build knows. */
    private static final List<String> CAPABILITIES = List.of(
            "traffic:stream",
            "traffic:request-response",
            "traffic:bidirectional",
            "traffic:connect-request-response",
            "traffic:datagram-stream",
            "traffic:datagram-request-response",
            "engine:blocking",
            "engine:epoll",
            "engine:busy-poll",
            "placement:incoming-cpu");

    /**
     * What is looked at again from time to time.
     *
     * @param environment null: not looked at yet
     */
    record Observed(List<Nic> nics, List<Feature> features, @Nullable Environment environment) {
        static final Observed NOTHING = new Observed(List.of(), List.of(), null);

        Observed {
            nics = List.copyOf(nics);
            features = List.copyOf(features);
        }
    }

    /** The interfaces that the data addresses are on. */
    Set<String> interfaces(SteeringDetector steering) {
        return addresses.stream()
                .flatMap(address -> steering.interfaceOf(address.getAddress()).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    Host avro(boolean online, SteeringDetector steering, Observed observed, Instant now) {
        return Host.newBuilder()
                .setHostId(hostId)
                .setMachineId(machineId)
                .setInstanceId(instanceId)
                .setEventTime(now)
                .setOnline(online)
                .setHostname(machine.hostname())
                .setKernelRelease(machine.kernelRelease())
                .setArchitecture(architecture())
                .setFlowlaneVersion(version)
                .setHostCommandsVersion(SchemaHistory.bundled()
                        .latest(Topic.HOST_COMMANDS.subject())
                        .version())
                .setStartedTime(started)
                .setHeartbeatMs((int) HEARTBEAT.toMillis())
                .setLeaseMs((int) LEASE.toMillis())
                .setDataAddresses(addresses.stream()
                        .map(address -> dataAddress(address, steering))
                        .toList())
                .setOnlineCpus(machine.online().toString())
                .setAllowedCpus(machine.allowed().toString())
                .setIsolatedCpus(machine.isolated().toString())
                .setCpus(machine.cpus().stream().map(HostRecord::cpu).toList())
                .setCpusetCpus(machine.cpuset().toString())
                .setRpsSockFlowEntries(machine.flowTableEntries())
                .setNics(observed.nics().stream().map(NicAvro::of).toList())
                .setEnvironment(environment(observed.environment()))
                .setCapabilities(capabilities())
                .setKernelFeatures(observed.features().stream().map(HostRecord::feature).toList())
                .build();
    }

    private static KernelFeature feature(Feature feature) {
        return KernelFeature.newBuilder()
                .setName(feature.feature().word())
                .setAvailable(feature.available())
                .setReason(feature.reason())
                .build();
    }

    private static DataAddress dataAddress(InetSocketAddress address, SteeringDetector steering) {
        InetAddress ip = address.getAddress();
        return DataAddress.newBuilder()
                .setAddress(AddressText.of(ip))
                .setPort(address.getPort())
                .setInterfaceName(steering.interfaceOf(ip).orElse(""))
                .setSteering(Steering.valueOf(steering.ofAddress(ip).name()))
                .build();
    }

    private static dev.flowlane.avro.@Nullable Environment environment(@Nullable Environment environment) {
        if (environment == null) {
            return null;
        }
        List<EnvironmentFact> facts = new ArrayList<>();
        environment.facts().forEach((name, content) -> facts.add(new EnvironmentFact(name, content)));
        return new dev.flowlane.avro.Environment(environment.fingerprint(), facts);
    }

    private static Cpu cpu(CpuTopology cpu) {
        return Cpu.newBuilder()
                .setCpu(cpu.cpu())
                .setCoreId(cpu.coreId())
                .setPackageId(cpu.packageId())
                .setNumaNode(cpu.numaNode())
                .setSmtSiblings(cpu.siblings().toString())
                .build();
    }

    private List<String> capabilities() {
        List<String> all = new ArrayList<>(CAPABILITIES);
        machine.congestionControls().forEach(name -> all.add("congestion-control:" + name));
        return all;
    }

    /** As uname -m says it; Java has its own word for x86-64. */
    private static String architecture() {
        String name = System.getProperty("os.arch", "");
        return name.equals("amd64") ? "x86_64" : name;
    }
}
