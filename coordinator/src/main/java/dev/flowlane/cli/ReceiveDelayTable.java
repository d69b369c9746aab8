package dev.flowlane.cli;

import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.ReceiveDelay;
import dev.flowlane.avro.RunResult;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** How long what was received lay in the kernels, end by end. */
final class ReceiveDelayTable {
    private ReceiveDelayTable() {}

    /** None when no end was asked. */
    static List<TextTable> of(RunResult result) {
        boolean any = result.getFlows().stream()
                .anyMatch(flow -> flow.getSourceReceiveDelay() != null || flow.getDestinationReceiveDelay() != null);
        if (!any) {
            return List.of();
        }
        TextTable table = new TextTable().left("RECEIVE DELAY").left("END").right("P50").right("P90").right("P99")
                .right("P99.9").right("MAX").right("MEAN").right("SAMPLES").right("WITHOUT");
        for (FlowSummary flow : result.getFlows()) {
            String id = ResultTable.shortId(result, flow);
            row(table, id, "source", flow.getSourceReceiveDelay());
            row(table, id, "destination", flow.getDestinationReceiveDelay());
        }
        return List.of(table);
    }

    private static void row(TextTable table, String flow, String end, @Nullable ReceiveDelay delay) {
        if (delay != null) {
            Double mean = delay.getMeanNs();
            table.row(flow, end,
                    nanos(delay.getP50Ns()),
                    nanos(delay.getP90Ns()),
                    nanos(delay.getP99Ns()),
                    nanos(delay.getP999Ns()),
                    nanos(delay.getMaxNs()),
                    nanos(mean == null ? null : (Long) Math.round(mean)),
                    Long.toString(delay.getSamples()),
                    Long.toString(delay.getWithoutTimestamp()));
        }
    }

    private static String nanos(@Nullable Long ns) {
        return ns == null ? "-" : Scaled.nanos(ns);
    }
}
