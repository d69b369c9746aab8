package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.History;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.run.Trial;
import dev.flowlane.core.run.TrialStatistic;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** What a run that is measured several times has behind it. */
final class TrialAvro {
    private TrialAvro() {}

    static List<dev.flowlane.avro.GivenUpAttempt> givenUp(History history) {
        return history.givenUp().stream()
                .map(given ->
                        new dev.flowlane.avro.GivenUpAttempt(given.trial(), given.attempt(), given.reason()))
                .toList();
    }

    static List<dev.flowlane.avro.TrialSummary> trials(History history) {
        return history.trials().stream().map(TrialAvro::toAvro).toList();
    }

    /** The history in a run's record; null when a trial has a state that this version does not know. */
    static @Nullable History history(dev.flowlane.avro.Run record) {
        List<Trial> trials = new ArrayList<>();
        for (dev.flowlane.avro.TrialSummary summary : record.getTrials()) {
            StateName state = RunAvro.state(summary.getState());
            if (state == null) {
                return null;
            }
            trials.add(fromAvro(summary, state));
        }
        return new History(
                record.getGivenUpAttempts().stream()
                        .map(given -> new History.GivenUp(given.getTrial(), given.getAttempt(), given.getReason()))
                        .toList(),
                trials,
                record.getNotes());
    }

    private static dev.flowlane.avro.TrialSummary toAvro(Trial trial) {
        return dev.flowlane.avro.TrialSummary.newBuilder()
                .setTrial(trial.number())
                .setAttempt(trial.attempt())
                .setState(RunAvro.state(trial.state()))
                .setReasons(trial.reasons())
                .setStartedTime(trial.startedAt())
                .setThroughputBitsPerSecond(trial.total().throughputBitsPerSecond())
                .setTransactionsPerSecond(trial.total().transactionsPerSecond())
                .setRoundTripP50Ns(trial.total().roundTripP50Ns())
                .setRoundTripP99Ns(trial.total().roundTripP99Ns())
                .setIntervals(trial.intervals())
                .setDriftedIntervals(trial.driftedIntervals())
                .setFlows(trial.flows().stream()
                        .map(flow -> new dev.flowlane.avro.TrialFlow(
                                flow.throughputBitsPerSecond(),
                                flow.transactionsPerSecond(),
                                flow.roundTripP50Ns(),
                                flow.roundTripP99Ns()))
                        .toList())
                .build();
    }

    private static Trial fromAvro(dev.flowlane.avro.TrialSummary record, StateName state) {
        return new Trial(
                record.getTrial(),
                record.getAttempt(),
                state,
                record.getReasons(),
                record.getStartedTime(),
                new Trial.Figures(
                        record.getThroughputBitsPerSecond(),
                        record.getTransactionsPerSecond(),
                        record.getRoundTripP50Ns(),
                        record.getRoundTripP99Ns()),
                record.getIntervals(),
                record.getDriftedIntervals(),
                record.getFlows().stream()
                        .map(flow -> new Trial.Figures(
                                flow.getThroughputBitsPerSecond(),
                                flow.getTransactionsPerSecond(),
                                flow.getRoundTripP50Ns(),
                                flow.getRoundTripP99Ns()))
                        .toList());
    }

    static dev.flowlane.avro.TrialStatistic toAvro(TrialStatistic statistic) {
        return dev.flowlane.avro.TrialStatistic.newBuilder()
                .setMetric(metric(statistic.metric()))
                .setFlowNumber(statistic.flowNumber())
                .setTrials(statistic.trials())
                .setMedian(statistic.median())
                .setMinimum(statistic.minimum())
                .setMaximum(statistic.maximum())
                .setSpread(statistic.spread())
                .setMean(statistic.mean())
                .setStandardDeviation(statistic.standardDeviation())
                .setVariationRatio(statistic.variationRatio())
                .build();
    }

    private static dev.flowlane.avro.TrialMetric metric(TrialStatistic.Metric metric) {
        return switch (metric) {
            case THROUGHPUT_BITS_PER_SECOND -> dev.flowlane.avro.TrialMetric.THROUGHPUT_BITS_PER_SECOND;
            case TRANSACTIONS_PER_SECOND -> dev.flowlane.avro.TrialMetric.TRANSACTIONS_PER_SECOND;
            case ROUND_TRIP_P50_NS -> dev.flowlane.avro.TrialMetric.ROUND_TRIP_P50_NS;
            case ROUND_TRIP_P99_NS -> dev.flowlane.avro.TrialMetric.ROUND_TRIP_P99_NS;
        };
    }
}
