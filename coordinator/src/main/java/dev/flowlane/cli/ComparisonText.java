package dev.flowlane.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.avro.RunResult;
import dev.flowlane.coordinator.wire.AvroJson;
import dev.flowlane.core.Counted;
import dev.flowlane.core.compare.Change;
import dev.flowlane.core.compare.Figure;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;

/** A comparison for people and for programs. */
final class ComparisonText {
    private static final int CELL_MAX = 60;

    private ComparisonText() {}

    static String table(RunComparison comparison, boolean colour) {
        StringBuilder text = new StringBuilder();
        comparison.before().forEach(result -> text.append(side("before", result)));
        comparison.after().forEach(result -> text.append(side("after ", result)));
        text.append('\n').append(changes(comparison.changes()));
        section(text, "\nThe specs differ:\n", comparison.specDifferences());
        section(text, "\nThe environments differ:\n", comparison.environmentDifferences());
        for (RunResult result : comparison.after()) {
            if (!result.getThresholds().isEmpty()) {
                text.append('\n').append(ThresholdTable.of(result.getThresholds())
                        .render(Integer.MAX_VALUE, colour));
            }
        }
        if (comparison.changes().stream().anyMatch(change -> change.verdict() == Change.Verdict.TOO_FEW_TRIALS)) {
            text.append("\nwith so few trials chance cannot be told from a change: measure at least 4 on each side"
                    + " (--repeat 4)\n");
        }
        comparison.warnings().forEach(warning ->
                text.append("warning: ").append(Plain.text(warning)).append('\n'));
        return text.toString();
    }

    private static String side(String name, RunResult result) {
        int trials = Math.max(1, result.getTrials().size());
        return name + "  " + Plain.text(result.getRunId()) + "  " + result.getState() + "  "
                + Counted.of(trials, "trial") + "  "
                + ListVerb.seconds(result.getEventTime()) + "\n";
    }

    private static String changes(List<Change> changes) {
        TextTable table = new TextTable().left("FIGURE").right("N").right("BEFORE").right("AFTER").right("CHANGE")
                .right("95 % INTERVAL").right("P").left("VERDICT");
        for (Change change : changes) {
            table.row(
                    change.figure().title(),
                    change.trialsBefore() + "+" + change.trialsAfter(),
                    scaled(change.figure(), change.medianBefore()),
                    scaled(change.figure(), change.medianAfter()),
                    percent(change.relativeChange()),
                    interval(change),
                    p(change.pValue()),
                    word(change.verdict()));
        }
        return table.render();
    }

    private static String interval(Change change) {
        Double low = change.intervalLow();
        Double high = change.intervalHigh();
        return low == null || high == null ? "-" : percent(low) + " … " + percent(high);
    }

    private static String percent(double ratio) {
        return Double.isNaN(ratio) ? "-" : String.format(Locale.ROOT, "%+.2f %%", 100 * ratio);
    }

    private static String p(@Nullable Double pValue) {
        return pValue == null ? "-" : pValue < 0.001 ? "<0.001" : String.format(Locale.ROOT, "%.3f", pValue);
    }

    /** As people read it: a tilde is no difference that one could rely on. */
    static String word(Change.Verdict verdict) {
        return switch (verdict) {
            case BETTER -> "better";
            case WORSE -> "worse";
            case NOT_SIGNIFICANT -> "~";
            case TOO_FEW_TRIALS -> "~ (too few trials)";
        };
    }

    private static String scaled(Figure figure, double value) {
        return switch (figure) {
            case THROUGHPUT_BITS_PER_SECOND -> Scaled.bitsPerSecond(value);
            case TRANSACTIONS_PER_SECOND -> Scaled.perSecond(value);
            case ROUND_TRIP_P50_NS, ROUND_TRIP_P99_NS -> Scaled.nanos(value);
        };
    }

    private static void section(StringBuilder text, String title, List<RunComparison.Difference> differences) {
        if (differences.isEmpty()) {
            return;
        }
        boolean hosts = !differences.getFirst().where().isEmpty();
        TextTable table = new TextTable();
        if (hosts) {
            table.left("HOST");
        }
        table.left("WHAT").left("BEFORE").left("AFTER");
        for (RunComparison.Difference difference : differences) {
            String before = cut(difference.before());
            String after = cut(difference.after());
            table.row(hosts
                    ? List.of(difference.where(), difference.name(), before, after)
                    : List.of(difference.name(), before, after));
        }
        text.append(title).append(table.render());
    }

    private static String cut(String cell) {
        return cell.length() <= CELL_MAX ? cell : cell.substring(0, CELL_MAX - 1) + "…";
    }

    static ObjectNode json(RunComparison comparison) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        ObjectNode object = nodes.objectNode();
        object.set("before", runs(comparison.before()));
        object.set("after", runs(comparison.after()));
        ArrayNode changes = object.putArray("changes");
        for (Change change : comparison.changes()) {
            changes.addObject()
                    .put("figure", change.figure().name().toLowerCase(Locale.ROOT))
                    .put("trials_before", change.trialsBefore())
                    .put("trials_after", change.trialsAfter())
                    .put("median_before", change.medianBefore())
                    .put("median_after", change.medianAfter())
                    .put("relative_change", finite(change.relativeChange()))
                    .put("interval_low", change.intervalLow())
                    .put("interval_high", change.intervalHigh())
                    .put("p_value", change.pValue())
                    .put("verdict", change.verdict().name());
        }
        object.set("spec_differences", differences(comparison.specDifferences()));
        object.set("environment_differences", differences(comparison.environmentDifferences()));
        ArrayNode thresholds = object.putArray("thresholds");
        comparison.after().forEach(result ->
                result.getThresholds().forEach(verdict -> thresholds.add(AvroJson.of(verdict))));
        ArrayNode warnings = object.putArray("warnings");
        comparison.warnings().forEach(warnings::add);
        return object;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }

    private static ArrayNode runs(List<RunResult> results) {
        ArrayNode runs = JsonNodeFactory.instance.arrayNode();
        results.forEach(result -> runs.addObject()
                .put("run_id", result.getRunId())
                .put("state", result.getState().toString())
                .put("event_time", AvroJson.time(result.getEventTime())));
        return runs;
    }

    private static ArrayNode differences(List<RunComparison.Difference> differences) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        differences.forEach(difference -> array.addObject()
                .put("host_id", difference.where().isEmpty() ? null : difference.where())
                .put("name", difference.name())
                .put("before", difference.before())
                .put("after", difference.after()));
        return array;
    }
}
