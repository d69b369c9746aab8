package dev.flowlane.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.CpuTopology;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.FlowEnd;
import dev.flowlane.core.run.FlowLane;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.HostView;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** The fleet as machines with their CPUs, and what flows do on them. */
public final class FleetView {
    /** Machines on one page: with 256 CPUs each, some thousand cells. */
    static final int MACHINES_PER_PAGE = 24;

    private FleetView() {}

    /** Load of a CPU of a host, as {@link CpuLoads#of} knows it. */
    public interface Loads {
        /** Share of its time that it was busy, 0 to 1. */
        OptionalDouble of(String hostId, int cpu);
    }

    /** What a flow does on one CPU of a machine. */
    private static final class Use {
        private final String runId;
        private final String flowId;
        private boolean application;
        private boolean receive;
        private boolean drifted;

        private Use(String runId, String flowId) {
            this.runId = runId;
            this.flowId = flowId;
        }

        private String part() {
            if (application) {
                return receive ? "both" : "application";
            }
            return receive ? "receive" : "kept";
        }
    }

    private record Slot(String machineId, int cpu, String flowId) {}

    /** What to show of which machines: {@code all}, {@code busy} or {@code trouble}. */
    public static final List<String> SHOWS = List.of("all", "busy", "trouble");

    /**
     * One page of the fleet.
     *
     * @param filter text in the machine's id, in one of its hosts' ids, or in a run or flow on it
     */
    public static ObjectNode of(FleetState fleet, Loads loads, String filter, String show, int page) {
        // By their first host's name: a machine's id is the kernel's boot id, by which nobody looks for one.
        Map<String, List<HostView>> machines = new LinkedHashMap<>();
        fleet.hosts().values().forEach(host -> machines
                .computeIfAbsent(host.machineId(), _ -> new ArrayList<>())
                .add(host));
        Map<String, List<Map.Entry<Integer, Use>>> uses = uses(fleet);
        List<String> shown = new ArrayList<>();
        machines.forEach((machine, hosts) -> {
            List<Map.Entry<Integer, Use>> ofMachine = uses.getOrDefault(machine, List.of());
            if (wanted(hosts, ofMachine, show) && Pages.matches(filter, texts(machine, hosts, ofMachine))) {
                shown.add(machine);
            }
        });
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("machines", machines.size()).put("hosts", fleet.hosts().size());
        ObjectNode states = json.putObject("hosts_by_state");
        for (HostView.Liveness liveness : HostView.Liveness.values()) {
            long count = fleet.hosts().values().stream().filter(host -> host.liveness() == liveness).count();
            states.put(liveness.name(), count);
        }
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        for (String machine : Pages.cut(shown, page, MACHINES_PER_PAGE, json)) {
            items.add(machine(machine, machines.getOrDefault(machine, List.of()),
                    uses.getOrDefault(machine, List.of()), loads));
        }
        json.set("items", items);
        return json;
    }

    private static boolean wanted(List<HostView> hosts, List<Map.Entry<Integer, Use>> uses, String show) {
        return switch (show) {
            case "busy" -> !uses.isEmpty();
            case "trouble" -> hosts.stream().anyMatch(host -> host.liveness() != HostView.Liveness.ONLINE)
                    || uses.stream().anyMatch(use -> use.getValue().drifted);
            default -> true;
        };
    }

    private static List<String> texts(String machine, List<HostView> hosts, List<Map.Entry<Integer, Use>> uses) {
        List<String> texts = new ArrayList<>(List.of(machine));
        hosts.forEach(host -> texts.add(host.hostId()));
        uses.forEach(use -> texts.add(use.getValue().flowId));
        return texts;
    }

    /** What live flows do on CPUs, by machine; several entries for a CPU that flows share. */
    private static Map<String, List<Map.Entry<Integer, Use>>> uses(FleetState fleet) {
        Map<Slot, Use> slots = new HashMap<>();
        for (RunRecord run : fleet.runs().values()) {
            for (Claim claim : run.claims()) {
                slots.computeIfAbsent(new Slot(claim.machineId(), claim.cpu(), claim.flowId()),
                        _ -> new Use(run.runId(), claim.flowId()));
            }
            if (run.state().live()) {
                run.flows().forEach(flow -> flow.ends().forEach(end -> addEnd(fleet, run.runId(), flow, end, slots)));
            }
        }
        Map<String, List<Map.Entry<Integer, Use>>> uses = new HashMap<>();
        slots.forEach((slot, use) -> uses
                .computeIfAbsent(slot.machineId(), _ -> new ArrayList<>())
                .add(Map.entry(slot.cpu(), use)));
        uses.values().forEach(list -> list.sort(Map.Entry.<Integer, Use>comparingByKey()
                .thenComparing(entry -> entry.getValue().flowId)));
        return uses;
    }

    private static void addEnd(FleetState fleet, String runId, FlowLane flow, FlowEnd end, Map<Slot, Use> slots) {
        HostView host = fleet.hosts().get(end.hostId());
        if (host == null || end.ended()) {
            return;
        }
        EndLane observed = end.observed();
        int application = observed == null ? end.applicationCpu() : observed.applicationCpu();
        int receive = observed == null ? end.receiveCpu() : observed.receiveCpu();
        if (application >= 0) {
            Use use = use(host, application, runId, flow, slots);
            use.application = true;
            use.drifted |= end.drift() != null;
        }
        if (receive >= 0) {
            Use use = use(host, receive, runId, flow, slots);
            use.receive = true;
            use.drifted |= end.drift() != null;
        }
    }

    private static Use use(HostView host, int cpu, String runId, FlowLane flow, Map<Slot, Use> slots) {
        return slots.computeIfAbsent(
                new Slot(host.machineId(), cpu, flow.flowId()), _ -> new Use(runId, flow.flowId()));
    }

    private static ObjectNode machine(
            String machineId, List<HostView> hosts, List<Map.Entry<Integer, Use>> uses, Loads loads) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("machine_id", machineId);
        CpuSet allowed = CpuSet.empty();
        CpuSet isolated = CpuSet.empty();
        ArrayNode hostItems = json.putArray("hosts");
        for (HostView host : hosts) {
            allowed = allowed.or(host.announced().cpus().allowed());
            isolated = isolated.or(host.announced().cpus().isolated());
            ObjectNode item = hostItems.addObject();
            item.put("host_id", host.hostId())
                    .put("state", host.liveness().name())
                    .put("cpus", host.announced().cpus().allowed().toString())
                    .put("last_heartbeat_time", host.lastWordAt().toString())
                    .put("warm_workers", host.warmWorkers())
                    .put("runs", host.liveRunIds().size());
            ArrayNode addresses = item.putArray("addresses");
            host.announced().dataAddresses().stream().map(FleetView::address).forEach(addresses::add);
        }
        json.put("cpus", allowed.toString()).put("isolated_cpus", isolated.toString());
        addNodes(json, hosts, allowed);
        ArrayNode used = json.putArray("used");
        for (Map.Entry<Integer, Use> entry : uses) {
            int cpu = entry.getKey();
            Use use = entry.getValue();
            ObjectNode item = used.addObject();
            item.put("cpu", cpu)
                    .put("run_id", use.runId)
                    .put("flow_id", use.flowId)
                    .put("part", use.part())
                    .put("drifted", use.drifted);
            // Two hosts of one machine see the same CPU; whichever has a flow there tells of it.
            hosts.stream()
                    .map(host -> loads.of(host.hostId(), cpu))
                    .flatMapToDouble(OptionalDouble::stream)
                    .max()
                    .ifPresentOrElse(
                            busy -> item.put("busy_ratio", Math.round(busy * 1000) / 1000.0),
                            () -> item.putNull("busy_ratio"));
        }
        return json;
    }

    /** CPUs by NUMA node, for those that are allowed and whose node is known. */
    private static void addNodes(ObjectNode json, List<HostView> hosts, CpuSet allowed) {
        TreeMap<Integer, CpuSet> nodes = new TreeMap<>();
        for (HostView host : hosts) {
            for (CpuTopology cpu : host.announced().cpus().cpus()) {
                if (cpu.numaNode() >= 0 && allowed.contains(cpu.cpu())) {
                    nodes.merge(cpu.numaNode(), CpuSet.of(cpu.cpu()), CpuSet::or);
                }
            }
        }
        ObjectNode byNode = json.putObject("numa_nodes");
        nodes.forEach((node, cpus) -> byNode.put(Integer.toString(node), cpus.toString()));
    }

    private static String address(HostAnnouncement.DataAddress address) {
        String host = address.ipVersion() == 6 ? "[" + address.address() + "]" : address.address();
        return host + ":" + address.port() + " " + address.interfaceName() + " "
                + address.steering().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
