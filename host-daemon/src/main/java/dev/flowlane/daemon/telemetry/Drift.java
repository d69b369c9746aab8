package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.LaneSeen;

import java.util.ArrayList;
import java.util.List;

/** Whether a flow end left its lane. The lane is what was observed when the end was ready. */
final class Drift {
    private static final int UNKNOWN = -1;

    private Drift() {}

    /**
     * One way in which a lane was left.
     *
     * @param expectedCpus CPUs of the lane, in the kernel's list form
     * @param observedCpus CPUs that were seen, in the kernel's list form
     */
    record Departure(LaneDrift.Kind kind, String expectedCpus, String observedCpus) {
        /** For a person. */
        String text() {
            String seen =
                    switch (kind) {
                        case APPLICATION_CPU -> "ran on CPU ";
                        case AFFINITY -> "affinity was ";
                        case RECEIVE_CPU -> "receive CPU was ";
                    };
            return seen + observedCpus + ", lane is {" + expectedCpus + "}";
        }
    }

    /** How the flow end left its lane during an interval, in the order of the kinds; empty when it did not. */
    static List<Departure> departures(Order.Assignment planned, ReadyEnd lane, LaneSeen seen) {
        List<Departure> departures = new ArrayList<>();
        if (!seen.affinityCpus().equals(lane.affinityCpus())) {
            departures.add(new Departure(LaneDrift.Kind.AFFINITY, lane.affinityCpus(), seen.affinityCpus()));
        }
        int application = planned.applicationCpu();
        if (application != UNKNOWN && !seen.applicationCpus().equals(CpuSet.of(application).toString())) {
            departures.add(new Departure(
                    LaneDrift.Kind.APPLICATION_CPU, CpuSet.of(application).toString(), seen.applicationCpus()));
        }
        CpuSet receive = receiveCpus(planned, lane);
        if (seen.receiveCpu() != UNKNOWN && !receive.isEmpty() && !receive.contains(seen.receiveCpu())) {
            departures.add(new Departure(
                    LaneDrift.Kind.RECEIVE_CPU, receive.toString(), Integer.toString(seen.receiveCpu())));
        }
        return List.copyOf(departures);
    }

    /** CPUs that the flow may be received on without leaving its lane; empty when any will do. */
    private static CpuSet receiveCpus(Order.Assignment planned, ReadyEnd lane) {
        if (lane.receiveCpu() == UNKNOWN) {
            return CpuSet.empty();
        }
        int own = planned.applicationCpu();
        int peer = planned.peerApplicationCpu();
        return switch (lane.steering()) {
            case HASHED, UNKNOWN -> CpuSet.of(lane.receiveCpu());
            // An unpinned receiver takes the flow along: that is no departure from anything.
            case FOLLOWS_RECEIVER -> own == UNKNOWN ? CpuSet.empty() : CpuSet.of(own).with(lane.receiveCpu());
            // ACKs clock out data, so packets of the flow are transmitted, and with this steering received, on the
            // application CPU of either end.
            case FOLLOWS_SENDER -> own == UNKNOWN || peer == UNKNOWN
                    ? CpuSet.empty()
                    : CpuSet.of(own).with(peer).with(lane.receiveCpu());
        };
    }
}
