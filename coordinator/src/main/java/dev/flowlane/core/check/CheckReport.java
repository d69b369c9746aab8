package dev.flowlane.core.check;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What was checked and what was found.
 *
 * @param records read, by topic without prefix
 * @param notUnderstood records that decode and still say nothing that could be judged
 * @param runs different runs on the topic of runs
 * @param runsGoingOn those of them that have not ended
 * @param results runs with a result
 * @param flowEnds with at least one published interval
 * @param intervals different published intervals
 * @param claims that were looked at, one for each time that one was written
 * @param deadLetters different records that were not readable and are kept
 * @param judged how many things were looked at for each invariant; none: it is not judged, which is not clean
 * @param findings most important are first in the order of their records
 * @param findingsBeyond how many more there were than are listed
 */
public record CheckReport(
        SortedMap<String, Integer> records,
        int notUnderstood,
        int runs,
        int runsGoingOn,
        int results,
        int flowEnds,
        long intervals,
        long claims,
        int deadLetters,
        Map<Invariant, Integer> judged,
        List<Finding> findings,
        int findingsBeyond) {
    /** What became of one invariant. */
    public enum Judgement {
        CLEAN,
        VIOLATED,
        NOT_JUDGED
    }

    public CheckReport {
        judged = Map.copyOf(judged);
        findings = List.copyOf(findings);
    }

    /** Whether nothing was found. */
    public boolean clean() {
        return findings.isEmpty();
    }

    /** How many things were looked at for it. */
    public int judged(Invariant invariant) {
        return judged.getOrDefault(invariant, 0);
    }

    /** How many findings contradict it. */
    public long violations(Invariant invariant) {
        return findings.stream().filter(finding -> finding.invariant() == invariant).count();
    }

    /** What became of an invariant. */
    public Judgement judgement(Invariant invariant) {
        if (violations(invariant) > 0) {
            return Judgement.VIOLATED;
        }
        return judged(invariant) > 0 ? Judgement.CLEAN : Judgement.NOT_JUDGED;
    }
}
