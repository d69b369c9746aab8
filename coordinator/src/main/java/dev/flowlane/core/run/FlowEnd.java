package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

/**
 * One end of a chosen flow: what was planned, what was observed, what was reported.
 *
 * @param address this end's IP address
 * @param port this end's port
 * @param applicationCpu planned; -1 unpinned
 * @param receiveCpu as found in the search; -1 unknown
 * @param observed null until the end was ready
 * @param drift newest departure from the lane that was told while it ran; null when there was none. Not written down:
 *     after a restart one that is read again is told again
 * @param report null until the end is known to be over
 */
public record FlowEnd(
        FlowRole role,
        String hostId,
        String address,
        int port,
        int applicationCpu,
        int receiveCpu,
        @Nullable EndLane observed,
        @Nullable LaneDrift drift,
        @Nullable EndReport report) {

    /** Whether this end is known to be over, so that nothing of it runs any more. */
    public boolean ended() {
        return report != null;
    }

    FlowEnd ready(EndLane lane) {
        return new FlowEnd(role, hostId, address, port, applicationCpu, receiveCpu, lane, drift, report);
    }

    FlowEnd drifted(LaneDrift newest) {
        return new FlowEnd(
                role, hostId, address, port, applicationCpu, receiveCpu, observed, newest, report);
    }

    FlowEnd ended(EndReport endReport) {
        return new FlowEnd(role, hostId, address, port, applicationCpu, receiveCpu, observed, drift, endReport);
    }

    FlowEnd slim() {
        return report == null ? this : ended(report.slim());
    }

    FlowEnd unready() {
        return new FlowEnd(role, hostId, address, port, applicationCpu, receiveCpu, null, drift, report);
    }
}
