package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.Role;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What flow ends of a run must have in common to share a worker. */
record Together(Role role, String peerHostId, int applicationCpu) {
    static Together of(Order.Assignment assignment) {
        return new Together(assignment.end().role(), assignment.peerHostId(), assignment.applicationCpu());
    }

    /** Workers that these flow ends need. */
    static int workers(Collection<Order.Assignment> ends, int flowsPerWorker) {
        if (flowsPerWorker == 1) {
            return ends.size();
        }
        Map<Together, Integer> counts = new HashMap<>();
        ends.forEach(end -> counts.merge(of(end), 1, Integer::sum));
        return counts.values().stream()
                .mapToInt(count -> Math.ceilDiv(count, flowsPerWorker))
                .sum();
    }
}
