package dev.flowlane.cli;

import dev.flowlane.avro.Datagrams;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.ThresholdVerdict;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.report.Html;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** The figures at the head of a report: those that this kind of traffic has. */
final class ReportFigures {
    private ReportFigures() {}

    /** A list of terms. */
    static String of(RunResult result) {
        StringBuilder html = new StringBuilder("<dl class=\"figures\">\n");
        Double backward = result.getBackwardThroughputBitsPerSecond();
        figure(html, backward == null ? "Throughput" : "Forward",
                Scaled.bitsPerSecond(result.getThroughputBitsPerSecond()));
        if (backward != null) {
            figure(html, "Backward", Scaled.bitsPerSecond(backward));
        }
        if (result.getTransactions() > 0) {
            figure(html, "Transactions", Scaled.perSecond(result.getTransactionsPerSecond()));
        }
        figure(html, "Round trip p50", result.getRoundTripP50Ns());
        figure(html, "Round trip p99", result.getRoundTripP99Ns());
        figure(html, "p99 from intended", result.getIntendedRoundTripP99Ns());
        figure(html, "Flows measured", result.getFlowsMeasured() + " of " + result.getFlowsRequested());
        Long backwardBytes = result.getBackwardReceivedBytes();
        figure(html, backwardBytes == null ? "Received" : "Received forward", Scaled.bytes(result.getReceivedBytes()));
        if (backwardBytes != null) {
            figure(html, "Received backward", Scaled.bytes(backwardBytes));
        }
        Datagrams datagrams = result.getDatagrams();
        if (connections(result)) {
            figure(html, "Failed connections", Scaled.count(result.getFailedConnections()));
        } else if (datagrams == null) {
            Long retransmitted = result.getRetransmittedSegments();
            figure(html, "Retransmitted", retransmitted == null ? "unknown" : Scaled.count(retransmitted));
        } else {
            figure(html, "Datagrams lost", Scaled.count(datagrams.getLostMessages()));
            figure(html, "Loss", DatagramTable.share(datagrams.getLossRatio()));
        }
        figure(html, "Drifted intervals", result.getDriftedIntervals() + " of " + result.getIntervals());
        List<ThresholdVerdict> verdicts = result.getThresholds();
        if (!verdicts.isEmpty()) {
            long missed = verdicts.stream().filter(verdict -> !verdict.getMet()).count();
            html.append("<div class=\"").append(missed == 0 ? "kept" : "missed").append("\">")
                    .append(Html.element("dt", missed == 0 ? "Thresholds kept" : "Thresholds MISSED"))
                    .append(Html.element("dd", (missed == 0 ? verdicts.size() : missed) + " of " + verdicts.size()))
                    .append("</div>\n");
        }
        return html.append("</dl>\n").toString();
    }

    /** Of connections that come and go TCP tells nothing. */
    static boolean connections(RunResult result) {
        RunSpec spec = result.getSpec();
        return spec != null && spec.getTrafficKind() == TrafficKind.CONNECT_REQUEST_RESPONSE;
    }

    private static void figure(StringBuilder html, String name, @Nullable Long ns) {
        if (ns != null) {
            figure(html, name, Scaled.nanos(ns));
        }
    }

    private static void figure(StringBuilder html, String name, String content) {
        html.append("<div>").append(Html.element("dt", name)).append(Html.element("dd", content)).append("</div>\n");
    }
}
