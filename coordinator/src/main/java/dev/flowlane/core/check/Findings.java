package dev.flowlane.core.check;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What was found, and how much was looked at for it. One fault can contradict everything after it: bounded. */
final class Findings {
    private static final int MAX = 1_000;

    private final List<Finding> found = new ArrayList<>();
    private final Map<Invariant, Integer> judged = new EnumMap<>(Invariant.class);
    private final @Nullable String onlyRunId;
    private int beyond;

    /** @param onlyRunId what is about another run, or about the fleet, is passed over; null: nothing is */
    Findings(@Nullable String onlyRunId) {
        this.onlyRunId = onlyRunId;
    }

    /** Whether what concerns this run is wanted; null: what concerns no run in particular. */
    boolean wants(@Nullable String runId) {
        return onlyRunId == null || onlyRunId.equals(runId);
    }

    /** One more thing was looked at; a finding if it does not hold. */
    void judge(
            boolean holds,
            Invariant invariant,
            @Nullable String runId,
            @Nullable Object flowEnd,
            Position at,
            Message message) {
        if (!wants(runId)) {
            return;
        }
        judged.merge(invariant, 1, Integer::sum);
        if (!holds) {
            if (found.size() == MAX) {
                beyond++;
            } else {
                found.add(new Finding(
                        invariant, runId, flowEnd == null ? null : flowEnd.toString(), at, message.text()));
            }
        }
    }

    /** Only made when it is needed. */
    interface Message {
        String text();
    }

    List<Finding> found() {
        return List.copyOf(found);
    }

    int beyond() {
        return beyond;
    }

    Map<Invariant, Integer> judged() {
        return judged;
    }
}
