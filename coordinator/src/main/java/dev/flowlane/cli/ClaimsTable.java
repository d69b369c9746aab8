package dev.flowlane.cli;

import dev.flowlane.avro.Claim;
import dev.flowlane.avro.FlowEndLane;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which CPU of a machine is claimed by which run and flow, from the runs' records. */
final class ClaimsTable {
    private final Map<Integer, List<String[]>> rows = new TreeMap<>();

    private ClaimsTable() {}

    /**
     * The claims on a machine.
     *
     * @param runs every run that is known; one that is over claims nothing
     * @param hosts by host id: two of them may share a machine
     */
    static ClaimsTable of(String machineId, Collection<Run> runs, Map<String, Host> hosts) {
        ClaimsTable table = new ClaimsTable();
        for (Run run : runs) {
            for (Claim claim : run.getClaims()) {
                if (claim.getMachineId().equals(machineId)) {
                    String use = run.getFlows().stream()
                            .filter(flow -> flow.getFlowId().equals(claim.getFlowId()))
                            .findFirst()
                            .map(flow -> use(flow, claim.getCpu(), machineId, hosts))
                            .orElse("");
                    table.rows
                            .computeIfAbsent(claim.getCpu(), cpu -> new ArrayList<>())
                            .add(new String[] {claim.getFlowId(), run.getState().toString(), use});
                }
            }
        }
        return table;
    }

    CpuSet cpus() {
        return CpuSet.of(rows.keySet().stream().filter(cpu -> cpu >= 0).mapToInt(cpu -> cpu).toArray());
    }

    /** Every line with its line feed; empty when nothing is claimed. */
    String text() {
        TextTable table = new TextTable().right("CLAIMED CPU").left("FLOW").left("RUN IS").left("AS");
        rows.forEach((cpu, claims) -> claims.forEach(
                claim -> table.row(Integer.toString(cpu), claim[0], claim[1], claim[2].isEmpty() ? "-" : claim[2])));
        return table.isEmpty() ? "" : table.render();
    }

    /** What the flow does on the CPU: as observed when its worker was ready, or else as planned. */
    private static String use(RunFlow flow, int cpu, String machineId, Map<String, Host> hosts) {
        List<String> uses = new ArrayList<>();
        if (isOn(flow.getSourceHostId(), machineId, hosts)) {
            uses(uses, "source", flow.getSourceLane(), flow.getSourceReceiveCpu(),
                    flow.getSourceApplicationCpu(), cpu);
        }
        if (isOn(flow.getDestinationHostId(), machineId, hosts)) {
            uses(uses, "destination", flow.getDestinationLane(), flow.getDestinationReceiveCpu(),
                    flow.getDestinationApplicationCpu(), cpu);
        }
        return String.join(", ", uses);
    }

    private static boolean isOn(String hostId, String machineId, Map<String, Host> hosts) {
        Host host = hosts.get(hostId);
        return host != null && host.getMachineId().equals(machineId);
    }

    private static void uses(
            List<String> uses, String end, @Nullable FlowEndLane lane, int receive, int application, int cpu) {
        if ((lane == null ? receive : lane.getReceiveCpu()) == cpu) {
            uses.add(end + " rx");
        }
        if ((lane == null ? application : lane.getApplicationCpu()) == cpu) {
            uses.add(end + " app");
        }
    }
}
