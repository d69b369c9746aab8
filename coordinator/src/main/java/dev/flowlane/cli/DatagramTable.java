package dev.flowlane.cli;

import dev.flowlane.avro.Datagrams;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.RunResult;
import dev.flowlane.core.Counted;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What became of the datagrams of a run, for people. */
final class DatagramTable {
    private DatagramTable() {}

    /** A line per flow and, of several, one for all; none for a run over TCP. */
    static List<TextTable> of(RunResult result) {
        Datagrams all = result.getDatagrams();
        if (all == null) {
            return List.of();
        }
        TextTable table = new TextTable().left("FLOW").right("DATAGRAMS").right("ARRIVED").right("LOST").right("LOSS")
                .right("DUPLICATE").right("REORDERED").right("JITTER").right("DROPPED BY KERNEL").right("TIMED OUT");
        for (FlowSummary flow : result.getFlows()) {
            Datagrams datagrams = flow.getDatagrams();
            if (datagrams != null) {
                table.row(row(ResultTable.shortId(result, flow), datagrams));
            }
        }
        if (result.getFlows().size() > 1) {
            table.row(row("total", all));
        }
        return List.of(table);
    }

    private static List<String> row(String name, Datagrams datagrams) {
        return new ArrayList<>(List.of(
                name,
                Scaled.count(datagrams.getSentMessages()),
                Scaled.count(datagrams.getReceivedMessages()),
                Scaled.count(datagrams.getLostMessages()),
                share(datagrams.getLossRatio()),
                Scaled.count(datagrams.getDuplicateMessages()),
                Scaled.count(datagrams.getReorderedMessages()),
                jitter(datagrams.getJitterNs()),
                Scaled.count(datagrams.getBufferDrops()),
                Scaled.count(datagrams.getTimedOutRequests())));
    }

    /** {@code 0.0100 %}: a loss that matters has decimals. */
    static String share(@Nullable Double ratio) {
        return ratio == null ? "-" : String.format(Locale.ROOT, ratio >= 0.01 ? "%.2f %%" : "%.4f %%", 100 * ratio);
    }

    private static String jitter(@Nullable Long ns) {
        return ns == null ? "-" : Scaled.nanos(ns);
    }

    /** What a reader should know of a flow's datagrams before trusting its figures. */
    static List<String> warnings(String shortId, @Nullable Datagrams datagrams) {
        List<String> warnings = new ArrayList<>();
        if (datagrams == null) {
            return warnings;
        }
        if (datagrams.getBufferDrops() > 0) {
            warnings.add("flow " + shortId + ": the receiving kernel dropped " + Counted.of(datagrams.getBufferDrops(),
                    "datagram, or a group of them,", "datagrams, or groups of them,")
                    + " for want of room; raise socket.receive-buffer, or set"
                    + " traffic.rate");
        }
        if (datagrams.getLateResponses() > 0) {
            warnings.add("flow " + shortId + ": " + Counted.of(datagrams.getLateResponses(),
                    "response came after traffic.timeout, and is", "responses came after traffic.timeout, and are")
                    + " in no round trip");
        }
        if (datagrams.getForeignMessages() > 0) {
            warnings.add("flow " + shortId + ": " + Counted.of(datagrams.getForeignMessages(),
                    "datagram was", "datagrams were") + " not the flow's own");
        }
        return warnings;
    }
}
