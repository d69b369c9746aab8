package dev.flowlane.coordinator;

import dev.flowlane.core.run.Effect;
import dev.flowlane.core.run.RunEvent;
import dev.flowlane.core.run.RunOutcome;
import dev.flowlane.core.run.RunRecord;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the inputs of one turn of the loop led to, collected until it is written in one transaction. Of a run only the
 * last state counts: the topic is compacted, and nobody may see a state whose commands were already overtaken.
 */
final class Batch {
    private final Map<String, RunRecord> runs = new LinkedHashMap<>();
    private final List<Effect.SendHostCommand> commands = new ArrayList<>();
    private final List<RunEvent> events = new ArrayList<>();
    private final List<RunOutcome> trials = new ArrayList<>();
    private final List<RunOutcome> results = new ArrayList<>();
    private final List<Counted> counted = new ArrayList<>();
    private boolean userCommands;

    void run(RunRecord run) {
        runs.put(run.runId(), run);
    }

    void command(Effect.SendHostCommand command) {
        commands.add(command);
    }

    void event(RunEvent event) {
        events.add(event);
    }

    void trial(RunOutcome outcome) {
        trials.add(outcome);
    }

    void result(RunOutcome outcome) {
        results.add(outcome);
    }

    void count(Counted what) {
        counted.add(what);
    }

    /** A user's command was consumed: that is written even where nothing follows from it. */
    void consumedUserCommand() {
        userCommands = true;
    }

    /** Whether there is anything to write. Heartbeats alone only move timers. */
    boolean writes() {
        return userCommands || !runs.isEmpty() || !commands.isEmpty() || !events.isEmpty() || !results.isEmpty();
    }

    /**
     * Last state of each run that changed; those without claims first, so that whoever reads record by record sees a
     * CPU given back before it is claimed anew.
     */
    Collection<RunRecord> runs() {
        return runs.values().stream()
                .sorted(Comparator.comparing((RunRecord run) -> !run.claims().isEmpty()))
                .toList();
    }

    List<Effect.SendHostCommand> commands() {
        return commands;
    }

    List<RunEvent> events() {
        return events;
    }

    /** Trials that others follow: only their flows are written. */
    List<RunOutcome> trials() {
        return trials;
    }

    List<RunOutcome> results() {
        return results;
    }

    /** For the metrics, as soon as the rest is written. */
    List<Counted> counted() {
        return counted;
    }
}
