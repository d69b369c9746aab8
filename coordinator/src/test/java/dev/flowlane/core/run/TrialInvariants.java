package dev.flowlane.core.run;

import static dev.flowlane.core.run.FleetInvariants.check;
import static java.util.Objects.requireNonNull;

import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.Steering;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What has to be true of runs that are measured more than once. */
final class TrialInvariants {
    private final Map<String, SimFlow> flows;
    private final Set<Story> stories;

    TrialInvariants(Map<String, SimFlow> flows, Set<Story> stories) {
        this.flows = flows;
        this.stories = stories;
    }

    void judge(RunOutcome outcome) {
        sameLanes(outcome);
        stories(outcome);
    }

    /** Every trial was where the first one was, and COMPLETED means that each was clean. */
    private void sameLanes(RunOutcome outcome) {
        List<Trial> trials = outcome.history().trials();
        check(
                outcome.state() != StateName.COMPLETED
                        || outcome.spec().conduct().trials() == Math.max(1, trials.size()),
                "6: trials of", outcome.runId());
        List<String> lanes = null;
        for (Trial trial : trials) {
            if (!trial.measured()) {
                continue;
            }
            List<String> here = new ArrayList<>();
            for (int flow = 0; flow < outcome.flowsRequested(); flow++) {
                SimFlow real = flow(outcome.runId() + "." + flow, trial.attempt());
                check(trial.state() != StateName.COMPLETED || real.clean, "6: trial", trial, "was not clean");
                here.add(lane(real.source) + " -> " + lane(real.destination));
            }
            check(lanes == null || lanes.equals(here), "trial", trial.number(), "of", outcome.runId(), "was on", here,
                    "instead of", lanes);
            lanes = here;
        }
    }

    private SimFlow flow(String flowId, int attempt) {
        SimFlow first = flows.get(flowId + "#" + attempt);
        return first != null ? first : requireNonNull(flows.get(flowId + "~" + attempt + "#" + attempt));
    }

    private static String lane(SimFlow.@Nullable End end) {
        Candidate candidate = requireNonNull(end).candidate;
        return end.host.id + " app " + end.assignment.applicationCpu()
                + (candidate.steering() == Steering.HASHED ? " rx " + candidate.receiveCpu() : "");
    }

    private void stories(RunOutcome outcome) {
        History history = outcome.history();
        boolean completed = outcome.state() == StateName.COMPLETED;
        if (completed && !history.givenUp().isEmpty()) {
            stories.add(Story.REHUNTED_AND_COMPLETED);
        }
        if (outcome.spec().conduct().trials() == 1 && history.givenUp().size() == Bounds.ATTEMPTS - 1) {
            stories.add(Story.GIVEN_UP_AS_OFTEN_AS_ALLOWED);
        }
        if (completed && outcome.spec().conduct().trials() > 1) {
            stories.add(Story.REPEATED_AND_COMPLETED);
        }
        if (completed && outcome.spec().conduct().like() != null && history.notes().isEmpty()) {
            stories.add(Story.FOUND_THE_LANES_OF_ANOTHER);
        }
        if (outcome.state() == StateName.PARTIAL && !history.trials().isEmpty()) {
            stories.add(Story.REPEATED_IN_PART);
        }
    }
}
