package dev.flowlane.cli;

import dev.flowlane.avro.ThresholdVerdict;
import dev.flowlane.core.spec.Threshold;

import java.util.List;

/** Thresholds with what was measured and what became of them. */
final class ThresholdTable {
    private ThresholdTable() {}

    static TextTable of(List<ThresholdVerdict> verdicts) {
        TextTable table = new TextTable().left("THRESHOLD").right("MEASURED").left("VERDICT")
                .paint("kept", "32").paint("not measured", "1;33").paint("MISSED", "1;31");
        for (ThresholdVerdict verdict : verdicts) {
            table.row(verdict.getThreshold(), measured(verdict), word(verdict));
        }
        return table;
    }

    static String measured(ThresholdVerdict verdict) {
        Double measured = verdict.getMeasured();
        if (measured == null) {
            return "-";
        }
        String unit = verdict.getUnit();
        String figure = unit.equals(Threshold.Unit.BITS_PER_SECOND.symbol())
                ? Scaled.bitsPerSecond(measured)
                : unit.equals(Threshold.Unit.PER_SECOND.symbol())
                        ? Scaled.perSecond(measured)
                        : unit.equals(Threshold.Unit.NANOSECONDS.symbol())
                                ? Scaled.nanos(measured)
                                : Scaled.count(measured.longValue());
        return verdict.getTrials() == 0 ? figure : figure + " (median of " + verdict.getTrials() + ")";
    }

    static String word(ThresholdVerdict verdict) {
        return verdict.getMeasured() == null ? "not measured" : verdict.getMet() ? "kept" : "MISSED";
    }
}
