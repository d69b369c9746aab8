package dev.flowlane.core.run;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run has behind it.
 *
 * @param givenUp measurements that were given up because a flow left its lane
 * @param trials measurements that are over, of a run with repeat
 * @param notes what a reader should know, although it does not lessen the result
 */
public record History(List<GivenUp> givenUp, List<Trial> trials, List<String> notes) {
    /** Nothing yet. */
    public static final History NONE = new History(List.of(), List.of(), List.of());

    public History {
        givenUp = List.copyOf(givenUp);
        trials = List.copyOf(trials);
        notes = List.copyOf(notes);
    }

    /**
     * A measurement that was given up.
     *
     * @param trial from 1
     * @param attempt that was measured
     * @param reason which flow, which end, what and since when
     */
    public record GivenUp(int trial, int attempt, String reason) {
        String text() {
            return "attempt " + attempt + " was given up: " + reason;
        }
    }

    /** The trial that is made now, or would be made next. */
    int trial() {
        return trials.size() + 1;
    }

    /** Whether the current measurement is not the first one. */
    boolean measuredBefore() {
        return !givenUp.isEmpty() || !trials.isEmpty();
    }

    /** Measurements of the current trial that were given up. */
    int givenUpInTrial() {
        return (int) givenUp.stream().filter(attempt -> attempt.trial() == trial()).count();
    }

    History giveUp(int attempt, String reason) {
        List<GivenUp> all = new ArrayList<>(givenUp);
        all.add(new GivenUp(trial(), attempt, reason));
        return new History(all, trials, notes);
    }

    History plus(Trial trial) {
        List<Trial> all = new ArrayList<>(trials);
        all.add(trial);
        return new History(givenUp, all, notes);
    }

    /** With the notes on the lanes that were found; those on lanes that were given up are of no interest any more. */
    History noting(List<String> newNotes) {
        return new History(givenUp, trials, newNotes);
    }
}
