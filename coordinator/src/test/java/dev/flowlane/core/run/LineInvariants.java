package dev.flowlane.core.run;

import static dev.flowlane.core.run.FleetInvariants.check;

import dev.flowlane.core.spec.Exclusive;

import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.stream.Collectors;

/** What has to be true of the line of waiting runs. */
final class LineInvariants {
    private final Set<Story> stories;

    LineInvariants(Set<Story> stories) {
        this.stories = stories;
    }

    /** A run that begins to search is due, and leaves nobody before it in the line who wants one of its machines. */
    void watch(FleetState before, FleetState after, Input input, Instant now) {
        if (input instanceof Input.CoordinatorStarted) {
            return;
        }
        for (RunRecord run : after.runs().values()) {
            RunRecord old = before.runs().get(run.runId());
            boolean begins = run.state() instanceof RunState.Connecting
                    && (old == null || old.state() instanceof RunState.Queued);
            if (!begins) {
                continue;
            }
            check(!now.isBefore(run.dueAt()), "23:", run.runId(), "begins before", run.dueAt());
            if (run.dueAt().isAfter(run.submittedAt().plusSeconds(1))) {
                stories.add(Story.WAITED_UNTIL_DUE);
            }
            for (RunRecord other : after.runs().values()) {
                if (!(other.state() instanceof RunState.Queued) || !conflict(after, run, other)) {
                    continue;
                }
                boolean due = !now.isBefore(other.dueAt());
                check(!(due && RunRecord.LINE.compare(other, run) < 0), "23:", run.runId(), "before", other.runId());
                if (due && RunRecord.FIFO.compare(other, run) < 0) {
                    stories.add(Story.OVERTOOK_BY_PRIORITY);
                }
            }
        }
    }

    private static boolean conflict(FleetState state, RunRecord one, RunRecord other) {
        return !(one.spec().placement().exclusive() == Exclusive.NONE
                        && other.spec().placement().exclusive() == Exclusive.NONE)
                && !Collections.disjoint(machines(state, one), machines(state, other));
    }

    private static Set<String> machines(FleetState state, RunRecord run) {
        return RunHosts.of(run.spec()).stream()
                .map(hostId -> {
                    HostView host = state.hosts().get(hostId);
                    return host == null ? "host " + hostId : host.machineId();
                })
                .collect(Collectors.toSet());
    }
}
