package dev.flowlane.core.run;

import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.RunSpec;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the coordinator can hear. */
public sealed interface Input {

    /**
     * A run is asked for.
     *
     * @param submittedAt the broker's append time of the command
     * @param expiresAt read later than this (broker's clock) it is answered EXPIRED; null: no limit
     */
    record SubmitRun(
            String commandId,
            String runId,
            String requestedBy,
            RunSpec spec,
            Instant submittedAt,
            @Nullable Instant expiresAt)
            implements Input {}

    /**
     * A well-formed command whose spec says something that this version cannot express; it is answered REJECTED.
     *
     * @param problems what is wrong; at least one
     */
    record UnreadableSubmit(String commandId, String runId, List<Problem> problems) implements Input {
        public UnreadableSubmit {
            problems = List.copyOf(problems);
        }
    }

    /** A run is to be ended early. */
    record CancelRun(
            String commandId, String runId, String requestedBy, @Nullable String reason, @Nullable Instant expiresAt)
            implements Input {}

    /** A host record was written. */
    record HostAnnounced(HostAnnouncement announcement) implements Input {}

    /** A word of a daemon. Event times are by the daemon's own clock. */
    sealed interface HostWord extends Input {
        String hostId();

        String instanceId();

        Instant eventTime();
    }

    /** A daemon has started, or was away and asks what to do. */
    record HostHello(
            String hostId,
            String instanceId,
            Instant eventTime,
            Set<String> liveRunIds,
            int warmWorkers,
            @Nullable Long brokerClockOffsetNs)
            implements HostWord {
        public HostHello {
            liveRunIds = Collections.unmodifiableSortedSet(new TreeSet<>(liveRunIds));
        }
    }

    /** A daemon lives. */
    record HostHeartbeat(
            String hostId,
            String instanceId,
            Instant eventTime,
            Set<String> liveRunIds,
            int warmWorkers,
            @Nullable Long brokerClockOffsetNs)
            implements HostWord {
        public HostHeartbeat {
            liveRunIds = Collections.unmodifiableSortedSet(new TreeSet<>(liveRunIds));
        }
    }

    /** A daemon ends in order. */
    record HostGoodbye(String hostId, String instanceId, Instant eventTime) implements HostWord {}

    /** What a daemon found out about candidates. */
    record CandidatesReported(
            String hostId,
            String instanceId,
            Instant eventTime,
            String runId,
            int attempt,
            List<CandidateReport> candidates)
            implements HostWord {
        public CandidatesReported {
            candidates = List.copyOf(candidates);
        }
    }

    /** Flow ends are pinned and proved. */
    record FlowEndsReady(
            String hostId, String instanceId, Instant eventTime, String runId, int attempt, List<EndLane> lanes)
            implements HostWord {
        public FlowEndsReady {
            lanes = List.copyOf(lanes);
        }
    }

    /** A flow end is over and all its intervals are on the bus or declared lost. */
    record FlowEndEnded(
            String hostId, String instanceId, Instant eventTime, String runId, int attempt, EndReport report)
            implements HostWord {}

    /** An interval shows that a flow end has left its lane. */
    record LaneDrifted(
            String hostId, String instanceId, Instant eventTime, String runId, int attempt, LaneDrift drift)
            implements HostWord {}

    /**
     * A daemon did not carry out an order.
     *
     * @param code EXPIRED, UNKNOWN_RUN, UNKNOWN_CANDIDATE, NO_WORKER, BAD_CPU, LIMIT or ERROR
     */
    record CommandRefused(
            String hostId,
            String instanceId,
            Instant eventTime,
            String runId,
            int attempt,
            String commandId,
            String commandType,
            String code,
            String message)
            implements HostWord {}

    /**
     * A timer is due. Timers are the only thing that can declare a host lost, so the shell holds them back while the
     * broker cannot be reached; when they come late, hosts get time to be heard before they are believed lost.
     */
    record TimerFired(TimerKey key) implements Input {}

    /**
     * The first input of a coordinator: what the bus remembers.
     *
     * @param epoch higher than any before
     * @param secret 32 random bytes, new for this epoch
     * @param runs every run record
     * @param hosts every host record
     * @param limits by this coordinator's settings; they are for runs that are asked for from now on
     */
    record CoordinatorStarted(
            long epoch, OpaqueBytes secret, List<RunRecord> runs, List<HostAnnouncement> hosts, Limits limits)
            implements Input {
        /** Without limits. */
        public CoordinatorStarted(
                long epoch, OpaqueBytes secret, List<RunRecord> runs, List<HostAnnouncement> hosts) {
            this(epoch, secret, runs, hosts, Limits.NONE);
        }

        public CoordinatorStarted {
            runs = List.copyOf(runs);
            hosts = List.copyOf(hosts);
        }
    }
}
