package dev.flowlane.cli;

import dev.flowlane.avro.FlowEndLane;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.page.Sighting;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/** What is known of one flow while it runs: one line of rates, one of its lane. Pure: text out of records. */
final class LiveFlow {
    private static final int CHART = 20;
    private static final String BARS = "▁▂▃▄▅▆▇█";
    private static final String UNKNOWN = "?";

    private final Deque<Double> rates = new ArrayDeque<>();
    private final Map<String, Map<Integer, Double>> busyByHost = new TreeMap<>();
    private @Nullable FlowStats last;
    private Sighting.@Nullable Trips trips;
    private Sighting.@Nullable Lane source;
    private Sighting.@Nullable Lane destination;
    private @Nullable Long retransmits;
    private int drifted;
    private String driftReason = "";
    private long payloadErrors;

    /** Takes an interval of the end that counts. */
    void interval(FlowStats stats, boolean timed) {
        last = stats;
        payloadErrors += stats.getPayloadErrors();
        rates.addLast(timed ? IntervalBoard.transactionsPerSecond(stats) : IntervalBoard.bitsPerSecond(stats));
        if (rates.size() > CHART) {
            rates.removeFirst();
        }
    }

    /** Takes another figure of either end. */
    void sighting(Sighting.OfEnd sighting) {
        switch (sighting) {
            case Sighting.Trips newest -> trips = newest;
            case Sighting.Retransmits more -> {
                Long segments = more.segments();
                if (segments != null) {
                    retransmits = (retransmits == null ? 0 : retransmits) + segments;
                }
            }
            case Sighting.Lane lane -> lane(lane);
            case Sighting.CpuLoad load -> busyByHost
                    .computeIfAbsent(load.hostId(), _ -> new TreeMap<>())
                    .put(load.cpu(), load.busyRatio());
            // Those of the end that counts come as they are.
            case Sighting.Interval _ -> {}
        }
    }

    private void lane(Sighting.Lane lane) {
        if (lane.drifted()) {
            drifted++;
            String reason = lane.driftReason();
            driftReason = reason == null ? "" : reason;
        }
        if (lane.source()) {
            source = lane;
        } else {
            destination = lane;
        }
    }

    /** The newest interval; null before the first one. */
    @Nullable FlowStats last() {
        return last;
    }

    /** Hosts, recent rates, newest rate, round trips, retransmissions. */
    String rateLine(int number, RunFlow flow, boolean timed) {
        FlowStats newest = last;
        StringBuilder line = new StringBuilder(String.format("flow %-3d ", number));
        line.append(Plain.text(flow.getSourceHostId()))
                .append(" → ")
                .append(Plain.text(flow.getDestinationHostId()));
        line.append(String.format("  %-" + CHART + "s", chart(rates)));
        if (newest == null) {
            return line.append("  no interval yet").toString();
        }
        line.append(String.format("  %11s", timed
                ? Scaled.perSecond(IntervalBoard.transactionsPerSecond(newest))
                : Scaled.bitsPerSecond(IntervalBoard.bitsPerSecond(newest))));
        if (timed) {
            Sighting.Trips known = trips;
            line.append("  p50 ").append(nanos(known == null ? null : known.p50Ns()));
            line.append("  p99 ").append(nanos(known == null ? null : known.p99Ns()));
            line.append("  max ").append(nanos(known == null ? null : known.maxNs()));
        }
        if (retransmits != null) {
            line.append("  ").append(retransmits).append(" retransmitted");
        }
        return line.append(payloadErrors > 0 ? "  " + payloadErrors + " PAYLOAD ERRORS" : "").toString();
    }

    /** The CPUs of both ends, how busy they are, and whether the flow kept to them. */
    String laneLine(RunFlow flow) {
        return "         " + end(flow.getSourceHostId(), source, flow.getSourceLane())
                + "  →  " + end(flow.getDestinationHostId(), destination, flow.getDestinationLane())
                + (drifted == 0 ? "  lane held" : "  DRIFTED in " + drifted + " intervals: " + Plain.text(driftReason));
    }

    private String end(String hostId, Sighting.@Nullable Lane now, @Nullable FlowEndLane observed) {
        int application = now != null ? now.applicationCpu() : observed == null ? -1 : observed.getApplicationCpu();
        int receive = now != null ? now.receiveCpu() : observed == null ? -1 : observed.getReceiveCpu();
        String host = Plain.text(hostId);
        return application == receive
                ? host + " CPU " + cpu(hostId, application)
                : host + " receives on " + cpu(hostId, receive) + ", runs on " + cpu(hostId, application);
    }

    private String cpu(String hostId, int cpu) {
        Double busy = busyByHost.getOrDefault(hostId, Map.of()).get(cpu);
        return (cpu < 0 ? UNKNOWN : Integer.toString(cpu)) + (busy == null ? "" : " (" + Scaled.percent(busy) + ")");
    }

    private static String nanos(@Nullable Long ns) {
        return String.format("%8s", ns == null ? UNKNOWN : Scaled.nanos(ns));
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
