package dev.flowlane.cli;

import dev.flowlane.avro.CpuConnections;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.avro.WindowEnd;
import dev.flowlane.core.Counted;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Parts of a result that only some kinds of traffic have. */
final class KindTable {
    private KindTable() {}

    /** Tables of what is special about the run's kind and course; none for a plain stream. */
    static List<TextTable> of(RunResult result) {
        RunSpec spec = result.getSpec();
        if (spec == null || result.getFlows().isEmpty()) {
            return List.of();
        }
        List<TextTable> tables = new ArrayList<>();
        if (spec.getTrafficKind() == TrafficKind.BIDIRECTIONAL) {
            tables.add(directions(result));
        }
        if (spec.getTrafficKind() == TrafficKind.CONNECT_REQUEST_RESPONSE) {
            tables.add(connections(result));
        }
        if (spec.getMostBytes() != null || spec.getMostMessages() != null) {
            tables.add(ends(result));
        }
        return tables;
    }

    private static TextTable directions(RunResult result) {
        TextTable table = new TextTable().left("FLOW").left("DIRECTION").right("THROUGHPUT").right("SENT")
                .right("RECEIVED");
        for (FlowSummary flow : result.getFlows()) {
            table.row(
                    ResultTable.shortId(result, flow),
                    "forward " + flow.getSourceHostId() + " → " + flow.getDestinationHostId(),
                    Scaled.bitsPerSecond(flow.getThroughputBitsPerSecond()),
                    Scaled.bytes(flow.getSentBytes()),
                    Scaled.bytes(flow.getReceivedBytes()));
            Long sent = flow.getBackwardSentBytes();
            Long received = flow.getBackwardReceivedBytes();
            Double throughput = flow.getBackwardThroughputBitsPerSecond();
            table.row(
                    "",
                    "backward " + flow.getDestinationHostId() + " → " + flow.getSourceHostId(),
                    throughput == null ? "-" : Scaled.bitsPerSecond(throughput),
                    sent == null ? "-" : Scaled.bytes(sent),
                    received == null ? "-" : Scaled.bytes(received));
        }
        return table;
    }

    private static TextTable connections(RunResult result) {
        TextTable table = new TextTable().left("FLOW").right("CONNECTIONS").right("FAILED").left("SOURCE RX CPUS")
                .left("DESTINATION RX CPUS");
        for (FlowSummary flow : result.getFlows()) {
            table.row(
                    ResultTable.shortId(result, flow),
                    Long.toString(flow.getTransactions()),
                    Long.toString(flow.getFailedConnections()),
                    cpus(flow.getSourceConnections()),
                    cpus(flow.getDestinationConnections()));
        }
        return table;
    }

    /** {@code 0: 61.2 %, 1: 38.8 %}: where connections were received. */
    static String cpus(List<CpuConnections> connections) {
        long all = connections.stream().mapToLong(CpuConnections::getConnections).sum();
        return all == 0
                ? "-"
                : connections.stream()
                        .map(cpu -> String.format(
                                Locale.ROOT,
                                "%s: %.1f %%",
                                cpu.getCpu() < 0 ? "?" : Integer.toString(cpu.getCpu()),
                                100.0 * cpu.getConnections() / all))
                        .collect(Collectors.joining(", "));
    }

    private static TextTable ends(RunResult result) {
        TextTable table = new TextTable().left("FLOW").left("ENDED BY").right("AFTER");
        for (FlowSummary flow : result.getFlows()) {
            String end = end(flow.getWindowEnd());
            WindowEnd backward = flow.getBackwardWindowEnd();
            table.row(
                    ResultTable.shortId(result, flow),
                    backward == null ? end : end + ", backward by " + end(backward),
                    Scaled.nanos(flow.getDurationNs()));
        }
        return table;
    }

    private static String end(@Nullable WindowEnd end) {
        return switch (end) {
            case null -> "-";
            case UNKNOWN -> "-";
            case DURATION -> "duration";
            case BYTES -> "bytes";
            case MESSAGES -> "messages";
        };
    }

    static List<String> warnings(RunResult result, FlowSummary flow) {
        List<String> warnings = new ArrayList<>();
        String about = "flow " + ResultTable.shortId(result, flow) + ": ";
        if (flow.getFailedConnections() > 0) {
            warnings.add(about + Counted.of(flow.getFailedConnections(), "connection")
                    + " failed: not made, or broken before the"
                    + " whole response");
        }
        if (flow.getPortlessConnections() > 0) {
            warnings.add(about + flow.getPortlessConnections() + " of them found no free port at "
                    + flow.getSourceHostId() + "; free some, name others with traffic.connection-ports, or leave none"
                    + " in TIME_WAIT with traffic.reset-close");
        }
        outside(flow.getSourceConnections(), flow.getSourceReceiveCpu(), flow.getSourceApplicationCpu(),
                about + flow.getSourceHostId(), warnings);
        outside(flow.getDestinationConnections(), flow.getDestinationReceiveCpu(),
                flow.getDestinationApplicationCpu(), about + flow.getDestinationHostId(), warnings);
        return warnings;
    }

    /** A new connection goes where its own hash sends it: that is no drift, but it is on others' CPUs. */
    private static void outside(
            List<CpuConnections> connections, int receiveCpu, int applicationCpu, String who, List<String> warnings) {
        long all = connections.stream().mapToLong(CpuConnections::getConnections).sum();
        long outside = connections.stream()
                .filter(cpu -> cpu.getCpu() != receiveCpu && cpu.getCpu() != applicationCpu)
                .mapToLong(CpuConnections::getConnections)
                .sum();
        if (outside > 0) {
            warnings.add(who + " received " + outside + " of " + Counted.of(all, "connection")
                    + " outside its lane: each goes where"
                    + " its own four-tuple is hashed to");
        }
    }
}
