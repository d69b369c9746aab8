package dev.flowlane.core.check;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The one judge of the ten invariants. It knows nothing but the records that it is fed, so it judges a simulation as it
 * judges a fleet. For one thread.
 */
public final class Checker {
    private final Findings findings;
    private final RunsCheck runs;
    private final HostsCheck hosts;
    private final IntervalsCheck intervals;
    private final AnswersCheck answers;
    private final SortedMap<String, Integer> records = new TreeMap<>();
    private int notUnderstood;

    /** Judges everything. */
    public Checker() {
        this(null);
    }

    /** @param onlyRunId judges this run beside all others, and neither the others nor the fleet; null: everything */
    public Checker(@Nullable String onlyRunId) {
        this.findings = new Findings(onlyRunId);
        this.runs = new RunsCheck(findings);
        this.hosts = new HostsCheck(findings, runs);
        this.intervals = new IntervalsCheck(findings, runs);
        this.answers = new AnswersCheck(findings);
    }

    /** Takes in one record; the records of one partition come in their order. */
    public void take(Fact fact) {
        records.merge(fact.at().topic(), 1, Integer::sum);
        switch (fact) {
            case Fact.RunWritten written -> runs.written(written);
            case Fact.RunForgotten forgotten -> runs.forgotten(forgotten);
            case Fact.EpochTaken taken -> runs.epochTaken(taken);
            case Fact.HostAnnounced announced -> hosts.announced(announced);
            case Fact.Asked asked -> answers.asked(asked);
            case Fact.Ordered ordered -> hosts.ordered(ordered);
            case Fact.Heard heard -> hosts.heard(heard);
            case Fact.Told told -> {
                runs.coordinatorSpoke(told.time());
                answers.told(told);
            }
            case Fact.ResultWritten result -> {
                runs.result(result);
                intervals.result(result);
            }
            case Fact.FlowResultWritten flow -> intervals.flowResult(flow);
            case Fact.IntervalPublished interval -> intervals.interval(interval);
            case Fact.LanePublished lane -> intervals.lane(lane);
            case Fact.Unreadable unreadable -> answers.unreadable(unreadable);
            case Fact.NotUnderstood _ -> notUnderstood++;
            case Fact.DeadLettered letter -> answers.letter(letter);
        }
    }

    /** The records of {@code runs} that were fed so far are a whole number of transactions. */
    public void transactionEnded() {
        runs.settle();
    }

    /** What was found so far; more shows when everything was fed. */
    public List<Finding> findings() {
        return findings.found();
    }

    /** Everything was fed, and nothing goes on or is to come any more: nothing may be left either. */
    public void atRest() {
        runs.settle();
        runs.atRest();
    }

    /** Everything was fed: the judgement. Once. */
    public CheckReport report() {
        runs.atTheEnd(hosts.lease());
        intervals.atTheEnd();
        answers.atTheEnd(runs.coordinatorSpokeAt());
        List<Finding> found = findings.found().stream()
                .sorted((a, b) -> a.at().compareTo(b.at()))
                .toList();
        return new CheckReport(
                records,
                notUnderstood,
                runs.runs(),
                runs.goingOn(),
                runs.results().size(),
                intervals.flowEnds(),
                intervals.intervals(),
                runs.claims(),
                answers.letters(),
                findings.judged(),
                found,
                findings.beyond());
    }
}
