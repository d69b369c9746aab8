package dev.flowlane.cli;

import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.avro.RunSpec;
import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Progress on a terminal: one line per flow, written over with every interval, with its recent rates as a small chart.
 */
final class ScreenProgress implements RunListener {
    /** More flows than this would push each other off the screen. */
    private static final int SHOWN = 16;

    private static final int CHART = 20;
    private static final String BARS = "▁▂▃▄▅▆▇█";

    private final PrintStream err;
    private final Messages messages;
    private final Map<String, Line> lines = new LinkedHashMap<>();
    private @Nullable Run run;
    private @Nullable IntervalBoard board;
    private int drawn;

    private static final class Line {
        private final Deque<Double> rates = new ArrayDeque<>();
        private @Nullable FlowStats last;
    }

    ScreenProgress(PrintStream err, Messages messages) {
        this.err = err;
        this.messages = messages;
    }

    @Override
    public void event(RunEvent event) {
        // States pass by in the lines themselves; what is a warning stays above them.
        if (event.getEventType() != RunEventType.ANSWER) {
            erase();
            LineProgress.tell(event, messages);
            draw();
        }
    }

    @Override
    public void run(Run changed) {
        Run known = run;
        if (known != null && known.getAttempt() != changed.getAttempt()) {
            // Another measurement begins, with flows of its own.
            lines.clear();
        }
        run = changed;
        changed.getFlows().forEach(flow -> lines.computeIfAbsent(flow.getFlowId(), _ -> new Line()));
    }

    @Override
    public void interval(FlowStats stats) {
        Run known = run;
        if (known == null || known.getSpec() == null) {
            return;
        }
        boolean requestResponse = Kinds.roundTrips(known.getSpec().getTrafficKind());
        if (board == null) {
            board = new IntervalBoard(requestResponse, known.getFlows().size());
        }
        Line line = lines.get(stats.getFlowId());
        if (line == null || !board.counts(stats)) {
            return;
        }
        line.last = stats;
        line.rates.addLast(
                requestResponse ? IntervalBoard.transactionsPerSecond(stats) : IntervalBoard.bitsPerSecond(stats));
        if (line.rates.size() > CHART) {
            line.rates.removeFirst();
        }
        erase();
        draw();
    }

    @Override
    public void close() {
        erase();
        err.flush();
    }

    private void erase() {
        if (drawn > 0) {
            // Up to the first of our lines, then everything below it.
            err.print("\u001b[" + drawn + "A\r\u001b[J");
            drawn = 0;
        }
    }

    private void draw() {
        Run known = run;
        if (known == null) {
            return;
        }
        StringBuilder screen = new StringBuilder();
        int count = 0;
        for (RunFlow flow : known.getFlows()) {
            Line line = lines.get(flow.getFlowId());
            if (count < SHOWN && line != null && line.last != null && known.getSpec() != null) {
                screen.append(text(count, flow, line, line.last, known.getSpec())).append('\n');
                count++;
            }
        }
        if (count > 0 && known.getFlows().size() > SHOWN) {
            screen.append("... and ").append(known.getFlows().size() - SHOWN).append(" more flows\n");
            count++;
        }
        // Without automatic wrapping a line that is too long is cut, and the number of lines to go up stays right.
        err.print("\u001b[?7l" + screen + "\u001b[?7h");
        err.flush();
        drawn = count;
    }

    private String text(int number, RunFlow flow, Line line, FlowStats last, RunSpec spec) {
        double total = (spec.getWarmupNs() + spec.getDurationNs()) / 1e9;
        double now = IntervalBoard.endNs(last.getSeq(), spec) / 1e9;
        String rate = Kinds.roundTrips(spec.getTrafficKind())
                ? Scaled.perSecond(IntervalBoard.transactionsPerSecond(last))
                : Scaled.bitsPerSecond(IntervalBoard.bitsPerSecond(last));
        return String.format(Locale.ROOT, "flow %-3d %s → %s  %-" + CHART + "s  %11s  %.1f of %.1f s%s%s", number,
                Plain.text(flow.getSourceHostId()), Plain.text(flow.getDestinationHostId()), chart(line.rates), rate,
                        now,
                total, last.getWarmup() ? "  warm-up" : "",
                last.getPayloadErrors() > 0 ? "  PAYLOAD ERRORS" : "");
    }

    /** Bars from zero to the largest rate shown. */
    static String chart(Deque<Double> rates) {
        double largest = rates.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        StringBuilder chart = new StringBuilder();
        for (double rate : rates) {
            int level = largest <= 0 ? 0 : (int) Math.round(rate / largest * (BARS.length() - 1));
            chart.append(BARS.charAt(level));
        }
        return chart.toString();
    }
}
