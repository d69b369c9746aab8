package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Looking up and changing flow ends. */
final class Flows {
    private Flows() {}

    /** A flow and one of its ends. */
    record Found(FlowLane flow, FlowEnd end) {}

    /** The end that this host has of the flow; null when it has none. */
    static @Nullable Found find(List<FlowLane> flows, String hostId, String flowId, FlowRole role) {
        for (FlowLane flow : flows) {
            if (flow.flowId().equals(flowId) && flow.end(role).hostId().equals(hostId)) {
                return new Found(flow, flow.end(role));
            }
        }
        return null;
    }

    static List<FlowLane> replace(List<FlowLane> flows, FlowLane changed) {
        return flows.stream()
                .map(flow -> flow.flowId().equals(changed.flowId()) ? changed : flow)
                .toList();
    }

    /** Ends what the host still has of the flows, without a report. */
    static List<FlowLane> lose(List<FlowLane> flows, String hostId, String why) {
        return flows.stream().map(flow -> lose(flow, hostId, why)).toList();
    }

    private static FlowLane lose(FlowLane flow, String hostId, String why) {
        FlowLane changed = flow;
        for (FlowRole role : FlowRole.values()) {
            FlowEnd end = flow.end(role);
            if (end.hostId().equals(hostId) && !end.ended()) {
                changed = changed.with(
                        role, lost -> lost.ended(EndReport.unreported(flow.flowId(), role, why)));
            }
        }
        return changed;
    }

    static boolean anyUnended(List<FlowLane> flows, String hostId) {
        return flows.stream()
                .flatMap(FlowLane::ends)
                .anyMatch(end -> end.hostId().equals(hostId) && !end.ended());
    }

    /** Flow ids by host of the ends that match. */
    static Map<String, SortedSet<String>> byHost(List<FlowLane> flows, Predicate<FlowEnd> matching) {
        Map<String, SortedSet<String>> byHost = new TreeMap<>();
        for (FlowLane flow : flows) {
            flow.ends()
                    .filter(matching)
                    .forEach(end -> byHost.computeIfAbsent(end.hostId(), host -> new TreeSet<>())
                            .add(flow.flowId()));
        }
        return byHost;
    }
}
