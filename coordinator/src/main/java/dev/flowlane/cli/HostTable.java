package dev.flowlane.cli;

import dev.flowlane.avro.DataAddress;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.KernelFeature;
import dev.flowlane.bus.BusRecord;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Hosts for people. */
final class HostTable {
    private HostTable() {}

    static String list(List<Host> hosts, Map<String, BusRecord<HostEvent>> heartbeats, Instant now) {
        TextTable table = new TextTable().left("HOST").left("STATE").right("HEARTBEAT").right("WARM").left("CPUS")
                .left("ADDRESSES").left("MACHINE").left("KERNEL").left("VERSION");
        for (Host host : hosts) {
            BusRecord<HostEvent> last = heartbeats.get(host.getHostId());
            HostEvent event = last == null ? null : last.value();
            table.row(
                    host.getHostId(),
                    state(host, last, now),
                    age(last, now),
                    event == null ? "-" : Integer.toString(event.getWarmWorkers()),
                    host.getAllowedCpus(),
                    addresses(host),
                    shortened(host.getMachineId()),
                    host.getKernelRelease(),
                    host.getFlowlaneVersion());
        }
        return table.isEmpty() ? "" : table.render();
    }

    /**
     * A machine, drawn.
     *
     * @param claims on the host's machine
     * @param width columns of the terminal
     */
    static String describe(
            Host host, @Nullable BusRecord<HostEvent> last, Instant now, ClaimsTable claims, int width) {
        StringBuilder text = new StringBuilder();
        HostEvent event = last == null ? null : last.value();
        line(text, "host", host.getHostId());
        line(text, "state", state(host, last, now) + ", last heartbeat " + age(last, now) + " ago");
        line(text, "warm workers", event == null ? "-" : Integer.toString(event.getWarmWorkers()));
        line(text, "runs", event == null || event.getLiveRunIds().isEmpty()
                ? "-"
                : String.join(", ", event.getLiveRunIds()));
        line(text, "clock offset", event == null || event.getBrokerClockOffsetNs() == null
                ? "-"
                : Scaled.nanos(Math.abs(event.getBrokerClockOffsetNs())) + (event.getBrokerClockOffsetNs() < 0
                        ? " ahead of the broker"
                        : " behind the broker"));
        line(text, "machine", host.getMachineId());
        line(text, "node", host.getHostname() + ", Linux " + host.getKernelRelease() + ", " + host.getArchitecture());
        line(text, "version", host.getFlowlaneVersion());
        line(text, "started", ListVerb.seconds(host.getStartedTime()));
        line(text, "lease", host.getLeaseMs() + " ms, heartbeat every " + host.getHeartbeatMs() + " ms");
        line(text, "online CPUs", host.getOnlineCpus());
        line(text, "allowed CPUs", host.getAllowedCpus());
        line(text, "isolated CPUs", host.getIsolatedCpus().isEmpty() ? "none" : host.getIsolatedCpus());
        line(text, "cpuset", host.getCpusetCpus().isEmpty() ? "unknown" : host.getCpusetCpus());
        line(text, "RFS table", switch (host.getRpsSockFlowEntries()) {
            case -1 -> "unknown";
            case 0 -> "off";
            default -> host.getRpsSockFlowEntries() + " entries";
        });
        text.append(Wrapped.cells(String.format("%-14s ", "capabilities"), host.getCapabilities(), ", ", width));
        text.append('\n');
        if (host.getNics().isEmpty()) {
            // A daemon without rights to /sys, or of another version.
            TextTable addresses = new TextTable().left("DATA ADDRESS").left("INTERFACE").left("RECEIVE CPU");
            for (DataAddress address : host.getDataAddresses()) {
                addresses.row(
                        RunTable.address(address.getAddress(), address.getPort()),
                        address.getInterfaceName(),
                        NicDrawing.steering(address));
            }
            text.append(addresses.render());
        } else {
            text.append(new NicDrawing(host, width).text());
        }
        text.append(features(host, width));
        String machine = new MachineDrawing(host, claims.cpus(), width).text();
        text.append(machine.isEmpty() ? "" : "\n").append(machine);
        String claimed = claims.text();
        text.append(claimed.isEmpty() ? "" : "\n").append(claimed);
        return text.toString();
    }

    /** What the kernel and its devices can do in a line, then a line for each thing that they cannot, and why. */
    private static String features(Host host, int width) {
        if (host.getKernelFeatures().isEmpty()) {
            return "";
        }
        List<String> available = host.getKernelFeatures().stream()
                .filter(KernelFeature::getAvailable)
                .map(feature -> Plain.text(feature.getName()))
                .toList();
        StringBuilder text = new StringBuilder("\n");
        text.append(Wrapped.cells(String.format("%-14s ", "kernel can"), available, ", ", width));
        TextTable missing = new TextTable().left("KERNEL CANNOT").left("BECAUSE");
        for (KernelFeature feature : host.getKernelFeatures()) {
            if (!feature.getAvailable()) {
                missing.row(feature.getName(), feature.getReason());
            }
        }
        return text.append(missing.isEmpty() ? "" : missing.render()).toString();
    }

    private static String state(Host host, @Nullable BusRecord<HostEvent> last, Instant now) {
        if (!host.getOnline()) {
            return "offline";
        }
        boolean silent = last == null
                || Duration.between(last.recordTime(), now).toMillis() > host.getLeaseMs();
        return silent ? "silent" : "online";
    }

    /** By the broker's clock and ours: a second or so of difference is to be expected. */
    private static String age(@Nullable BusRecord<HostEvent> last, Instant now) {
        if (last == null) {
            return "-";
        }
        long ms = Math.max(0, Duration.between(last.recordTime(), now).toMillis());
        return Scaled.nanos(ms * 1e6);
    }

    private static String addresses(Host host) {
        return host.getDataAddresses().stream()
                .map(address -> RunTable.address(address.getAddress(), address.getPort()))
                .collect(Collectors.joining(" "));
    }

    private static String shortened(String machineId) {
        return machineId.length() > 13 ? machineId.substring(0, 12) + "…" : machineId;
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format("%-14s ", name)).append(Plain.text(value)).append('\n');
    }
}
