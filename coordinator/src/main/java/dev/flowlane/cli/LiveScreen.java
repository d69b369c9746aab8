package dev.flowlane.cli;

import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.core.Counted;
import dev.flowlane.page.Sighting;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the live view of a run says, line by line. Pure: records in, lines out. */
final class LiveScreen {
    /** More flows than this would push each other off the screen. */
    private static final int SHOWN = 16;

    /** Up to so many flows have a line for their lanes. */
    private static final int WITH_LANES = 6;

    private final Map<String, LiveFlow> flows = new LinkedHashMap<>();
    private @Nullable Run run;
    private @Nullable IntervalBoard board;
    private int newestSeq = -1;

    /** Takes the run's newest state. */
    void run(Run changed) {
        Run known = run;
        if (known != null && known.getAttempt() != changed.getAttempt()) {
            // Another measurement begins, with flows of its own.
            flows.clear();
            board = null;
            newestSeq = -1;
        }
        run = changed;
        changed.getFlows().forEach(flow -> flows.computeIfAbsent(flow.getFlowId(), _ -> new LiveFlow()));
    }

    /** Takes an interval; whether it changes what is shown. */
    boolean interval(FlowStats stats) {
        Run known = run;
        RunSpec spec = known == null ? null : known.getSpec();
        LiveFlow flow = flows.get(stats.getFlowId());
        if (known == null || spec == null || flow == null) {
            return false;
        }
        if (board == null) {
            board = IntervalBoard.of(spec, known.getFlows().size());
        }
        if (!board.counts(stats)) {
            if (spec.getTrafficKind() == TrafficKind.BIDIRECTIONAL) {
                flow.backward(stats);
            }
            return false;
        }
        newestSeq = Math.max(newestSeq, stats.getSeq());
        flow.interval(stats, TrafficText.timed(spec.getTrafficKind()));
        return true;
    }

    /** Takes another figure of a flow end; it is shown with the next interval. */
    void sighting(Sighting sighting) {
        if (sighting instanceof Sighting.OfEnd ofEnd) {
            LiveFlow flow = flows.get(ofEnd.flowId());
            if (flow != null) {
                flow.sighting(ofEnd);
            }
        }
    }

    /** The lines to show now, each as cells that stay whole; none before the first interval. */
    List<List<String>> lines() {
        Run known = run;
        RunSpec spec = known == null ? null : known.getSpec();
        if (known == null || spec == null || newestSeq < 0) {
            return List.of();
        }
        boolean timed = TrafficText.timed(spec.getTrafficKind());
        List<List<String>> lines = new ArrayList<>();
        lines.add(progress(spec));
        int pairWidth = known.getFlows().stream().limit(SHOWN).mapToInt(flow -> Plain.width(LiveFlow.pair(flow)))
                .max()
                .orElse(0);
        int count = 0;
        for (RunFlow flow : known.getFlows()) {
            LiveFlow line = flows.get(flow.getFlowId());
            if (count < SHOWN && line != null && line.last() != null) {
                lines.add(line.rateLine(count, flow, pairWidth, timed));
                if (known.getFlows().size() <= WITH_LANES) {
                    lines.add(line.laneLine(flow));
                }
                count++;
            }
        }
        if (count > 0 && known.getFlows().size() > SHOWN) {
            lines.add(List.of("... and " + Counted.of(known.getFlows().size() - SHOWN, "more flow")));
        }
        return lines;
    }

    private List<String> progress(RunSpec spec) {
        double totalSeconds = (spec.getWarmupNs() + spec.getDurationNs()) / 1e9;
        double nowSeconds = IntervalBoard.endNs(newestSeq, spec) / 1e9;
        boolean warmup = newestSeq < Math.ceilDiv(spec.getWarmupNs(), spec.getReportIntervalNs());
        String time = String.format(Locale.ROOT, "%.1f of %.1f s, %.1f s left", nowSeconds, totalSeconds,
                Math.max(0, totalSeconds - nowSeconds));
        return warmup ? List.of(time, "warm-up") : List.of(time);
    }
}
