package dev.flowlane.cli;

import dev.flowlane.avro.Environment;
import dev.flowlane.avro.EnvironmentFact;
import dev.flowlane.avro.RunHost;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.TrialSummary;
import dev.flowlane.coordinator.wire.AvroJson;
import dev.flowlane.core.compare.Change;
import dev.flowlane.core.compare.Figure;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two sides of a comparison, each one run with its trials or several runs that were made alike.
 *
 * @param specDifferences keys of the spec that differ
 * @param environmentDifferences facts of the hosts that differ
 * @param warnings what a reader should know before trusting the changes
 */
record RunComparison(
        List<RunResult> before,
        List<RunResult> after,
        List<Change> changes,
        List<Difference> specDifferences,
        List<Difference> environmentDifferences,
        List<String> warnings) {
    /** What each run has of its own in any case. */
    private static final Set<String> NOT_COMPARED = Set.of("not_before_time", "not_before_delay_ns", "priority",
            "like_run_id", "thresholds", "trials", "seed", "when_busy");

    /** Facts that need no mention where only one side has them: interfaces come and go. */
    private static final String ABSENT = "-";

    /**
     * Something that is not the same on both sides.
     *
     * @param where a host; empty for the spec
     */
    record Difference(String where, String name, String before, String after) {}

    /**
     * Compares.
     *
     * @param seed of the bootstrap
     * @throws CliException if there is nothing to compare
     */
    static RunComparison of(List<RunResult> before, List<RunResult> after, long seed) {
        List<Change> changes = new ArrayList<>();
        for (Figure figure : Figure.values()) {
            double[] valuesBefore = values(before, figure);
            double[] valuesAfter = values(after, figure);
            if (valuesBefore.length > 0 && valuesAfter.length > 0) {
                changes.add(Change.of(figure, valuesBefore, valuesAfter, seed));
            }
        }
        if (changes.isEmpty()) {
            throw CliException.rejected("there is nothing to compare: " + names(before) + " and " + names(after)
                    + " have no figure in common that was measured",
                    "what they have: flowlane get " + before.getFirst().getRunId());
        }
        return new RunComparison(
                before, after, changes, specs(before, after), environments(before, after), warnings(before, after));
    }

    private static String names(List<RunResult> results) {
        return results.stream().map(RunResult::getRunId).collect(Collectors.joining(","));
    }

    /** Of every trial that was measured whole; a run without repeat is one. */
    private static double[] values(List<RunResult> results, Figure figure) {
        return results.stream()
                .flatMap(result -> result.getTrials().isEmpty() ? whole(result, figure) : trials(result, figure))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private static Stream<@Nullable Double> whole(RunResult result, Figure figure) {
        if (!measured(result.getState()) || result.getFlowsMeasured() == 0) {
            return Stream.empty();
        }
        return Stream.of(switch (figure) {
            case THROUGHPUT_BITS_PER_SECOND -> (Double) result.getThroughputBitsPerSecond();
            case TRANSACTIONS_PER_SECOND -> rate(result.getTransactionsPerSecond());
            case ROUND_TRIP_P50_NS -> number(result.getRoundTripP50Ns());
            case ROUND_TRIP_P99_NS -> number(result.getRoundTripP99Ns());
        });
    }

    private static Stream<@Nullable Double> trials(RunResult result, Figure figure) {
        return result.getTrials().stream().filter(trial -> measured(trial.getState())).map(trial -> of(trial, figure));
    }

    private static @Nullable Double of(TrialSummary trial, Figure figure) {
        return switch (figure) {
            case THROUGHPUT_BITS_PER_SECOND -> (Double) trial.getThroughputBitsPerSecond();
            case TRANSACTIONS_PER_SECOND -> rate(trial.getTransactionsPerSecond());
            case ROUND_TRIP_P50_NS -> number(trial.getRoundTripP50Ns());
            case ROUND_TRIP_P99_NS -> number(trial.getRoundTripP99Ns());
        };
    }

    private static boolean measured(RunStateName state) {
        return state == RunStateName.COMPLETED || state == RunStateName.DISTURBED;
    }

    /** Streams have none. */
    private static @Nullable Double rate(double perSecond) {
        return perSecond > 0 ? (Double) perSecond : null;
    }

    private static @Nullable Double number(@Nullable Long value) {
        return value == null ? null : (Double) value.doubleValue();
    }

    private static List<Difference> specs(List<RunResult> before, List<RunResult> after) {
        RunSpec first = before.getFirst().getSpec();
        RunSpec second = after.getFirst().getSpec();
        if (first == null || second == null) {
            return List.of();
        }
        var firstText = AvroJson.of(first);
        var secondText = AvroJson.of(second);
        List<Difference> differences = new ArrayList<>();
        for (Schema.Field field : RunSpec.getClassSchema().getFields()) {
            String name = field.name();
            if (!NOT_COMPARED.contains(name) && !firstText.path(name).equals(secondText.path(name))) {
                differences.add(new Difference(
                        "", name, firstText.path(name).toString(), secondText.path(name).toString()));
            }
        }
        return differences;
    }

    private static List<Difference> environments(List<RunResult> before, List<RunResult> after) {
        Map<String, RunHost> hostsBefore = hosts(before);
        Map<String, RunHost> hostsAfter = hosts(after);
        Map<String, Environment> environments = Stream.of(before, after)
                .flatMap(List::stream)
                .flatMap(result -> result.getEnvironments().stream())
                .collect(Collectors.toMap(Environment::getFingerprint, each -> each, (one, same) -> one));
        List<Difference> differences = new ArrayList<>();
        Set<String> all = new TreeSet<>(hostsBefore.keySet());
        all.addAll(hostsAfter.keySet());
        for (String hostId : all) {
            RunHost first = hostsBefore.get(hostId);
            RunHost second = hostsAfter.get(hostId);
            if (first == null || second == null) {
                differences.add(new Difference(
                        hostId, "host", first == null ? ABSENT : "took part", second == null ? ABSENT : "took part"));
            } else if (!first.getEnvironmentFingerprint().equals(second.getEnvironmentFingerprint())) {
                differences.addAll(facts(hostId, environments.get(first.getEnvironmentFingerprint()),
                        environments.get(second.getEnvironmentFingerprint())));
            }
        }
        return differences;
    }

    private static Map<String, RunHost> hosts(List<RunResult> results) {
        return results.stream()
                .flatMap(result -> result.getHosts().stream())
                .collect(Collectors.toMap(RunHost::getHostId, host -> host, (one, other) -> other, TreeMap::new));
    }

    private static List<Difference> facts(
            String hostId, @Nullable Environment before, @Nullable Environment after) {
        if (before == null || after == null) {
            return List.of(new Difference(
                    hostId, "environment", before == null ? "unknown" : "known", after == null ? "unknown" : "known"));
        }
        Map<String, String> first = facts(before);
        Map<String, String> second = facts(after);
        Set<String> names = new TreeSet<>(first.keySet());
        names.addAll(second.keySet());
        return names.stream()
                .map(name -> new Difference(
                        hostId, name, first.getOrDefault(name, ABSENT), second.getOrDefault(name, ABSENT)))
                .filter(difference -> !difference.before().equals(difference.after()))
                .toList();
    }

    private static Map<String, String> facts(Environment environment) {
        return environment.getFacts().stream()
                .collect(Collectors.toMap(EnvironmentFact::getName, EnvironmentFact::getContent, (one, _) -> one));
    }

    private static List<String> warnings(List<RunResult> before, List<RunResult> after) {
        List<String> warnings = new ArrayList<>();
        Stream.of(before, after).flatMap(List::stream).forEach(result -> {
            if (result.getState() != RunStateName.COMPLETED) {
                warnings.add("run " + result.getRunId() + " is " + result.getState()
                        + (result.getReasons().isEmpty() ? "" : ": " + result.getReasons().getFirst()));
            }
        });
        return warnings;
    }

    /** Changes that are significantly for the worse, by more than a share. */
    List<Change> worse(double tolerance) {
        return changes.stream()
                .filter(change -> change.verdict() == Change.Verdict.WORSE)
                .filter(change -> Math.abs(change.relativeChange()) > tolerance)
                .toList();
    }
}
