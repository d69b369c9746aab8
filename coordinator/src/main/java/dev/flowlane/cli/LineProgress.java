package dev.flowlane.cli;

import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunSpec;
import org.jspecify.annotations.Nullable;

import java.util.Locale;

/** Progress where nobody watches a terminal: a line per change of state and per interval, for logs. */
final class LineProgress implements RunListener {
    private final Messages messages;
    private @Nullable Run run;
    private @Nullable IntervalBoard board;

    LineProgress(Messages messages) {
        this.messages = messages;
    }

    @Override
    public void event(RunEvent event) {
        tell(event, messages);
    }

    /** An event in one line, where it is worth one: used by every kind of progress. */
    static void tell(RunEvent event, Messages messages) {
        RunEventType type = event.getEventType();
        String message = event.getMessage();
        switch (type) {
            case STATE -> messages.info(event.getState() + (message.isEmpty() ? "" : ": " + message));
            case LANE_DRIFT, HOST_LOST, WARNING -> messages.warn(where(event) + message);
            // Whoever sent the command tells its answer.
            case ANSWER, UNKNOWN -> {}
        }
    }

    private static String where(RunEvent event) {
        String flow = event.getFlowId();
        String host = event.getHostId();
        return (host == null ? "" : host + ": ") + (flow == null ? "" : "flow " + flow + ": ");
    }

    @Override
    public void run(Run changed) {
        Run known = run;
        if (known != null && known.getAttempt() != changed.getAttempt()) {
            // Another measurement begins from interval 0.
            tellRest();
            board = null;
        }
        run = changed;
    }

    @Override
    public void interval(FlowStats stats) {
        Run known = run;
        RunSpec spec = known == null ? null : known.getSpec();
        if (known != null && spec != null && IntervalBoard.isOf(known, stats)) {
            if (board == null) {
                board = IntervalBoard.of(spec, known.getFlows().size());
            }
            board.add(stats).forEach(sum -> tell(sum, spec, known.getFlows().size()));
        }
    }

    private void tell(IntervalBoard.Sum sum, RunSpec spec, int flows) {
        StringBuilder line = new StringBuilder();
        double endSeconds = IntervalBoard.endNs(sum, spec) / 1e9;
        line.append(String.format(Locale.ROOT, "%7.2f s  %11s", endSeconds, Scaled.bitsPerSecond(sum.bitsPerSecond())));
        if (TrafficText.timed(spec.getTrafficKind())) {
            line.append(String.format(Locale.ROOT, "  %9s", Scaled.perSecond(sum.transactionsPerSecond())));
        }
        if (flows > 1) {
            line.append(String.format(Locale.ROOT, "  %d of %d flows", sum.flows(), flows));
        }
        line.append(sum.warmup() ? "  warm-up" : "");
        line.append(sum.payloadErrors() > 0 ? "  PAYLOAD ERRORS: " + sum.payloadErrors() : "");
        messages.info(line.toString());
    }

    @Override
    public void close() {
        tellRest();
    }

    private void tellRest() {
        Run known = run;
        RunSpec spec = known == null ? null : known.getSpec();
        if (board != null && known != null && spec != null) {
            board.rest().forEach(sum -> tell(sum, spec, known.getFlows().size()));
        }
    }
}
