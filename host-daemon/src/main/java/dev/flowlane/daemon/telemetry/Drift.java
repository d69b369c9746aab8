package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.LaneSeen;
import org.jspecify.annotations.Nullable;

/** Whether a flow end left its lane. The lane is what was observed when the end was ready. */
final class Drift {
    private static final int UNKNOWN = -1;

    private Drift() {}

    /** How the flow end left its lane during an interval, for a person; null when it did not. */
    static @Nullable String reason(Order.Assignment planned, ReadyEnd lane, LaneSeen seen) {
        if (!seen.affinityCpus().equals(lane.affinityCpus())) {
            return "affinity changed from " + lane.affinityCpus() + " to " + seen.affinityCpus();
        }
        int application = planned.applicationCpu();
        if (application != UNKNOWN && !seen.applicationCpus().equals(CpuSet.of(application).toString())) {
            return "ran on CPUs " + seen.applicationCpus() + ", its lane is CPU " + application;
        }
        if (seen.receiveCpu() == UNKNOWN || lane.receiveCpu() == UNKNOWN) {
            return null;
        }
        return switch (lane.steering()) {
            case HASHED, UNKNOWN -> seen.receiveCpu() == lane.receiveCpu() ? null : moved(lane, seen);
            // An unpinned receiver takes the flow along: that is no departure from anything.
            case FOLLOWS_RECEIVER ->
                application == UNKNOWN || seen.receiveCpu() == lane.receiveCpu() || seen.receiveCpu() == application
                        ? null
                        : moved(lane, seen);
            case FOLLOWS_SENDER -> followsSender(planned, lane, seen);
        };
    }

    /**
     * ACKs clock out data, so packets of the flow are transmitted, and with this steering received, on the application
     * CPU of either end.
     */
    private static @Nullable String followsSender(Order.Assignment planned, ReadyEnd lane, LaneSeen seen) {
        int own = planned.applicationCpu();
        int peer = planned.peerApplicationCpu();
        boolean known = own != UNKNOWN && peer != UNKNOWN;
        boolean inLane =
                seen.receiveCpu() == own || seen.receiveCpu() == peer || seen.receiveCpu() == lane.receiveCpu();
        return !known || inLane ? null : moved(lane, seen);
    }

    private static String moved(ReadyEnd lane, LaneSeen seen) {
        return "receive CPU moved from " + lane.receiveCpu() + " to " + seen.receiveCpu();
    }
}
