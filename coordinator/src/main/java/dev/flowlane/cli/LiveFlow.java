package dev.flowlane.cli;

import dev.flowlane.avro.FlowEndLane;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.core.Counted;
import dev.flowlane.page.Sighting;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is known of one flow while it runs: a line of rates, one of its lane, as cells. Pure: text out of records. */
final class LiveFlow {
    private static final int CHART = 20;
    private static final String BARS = "▁▂▃▄▅▆▇█";
    private static final String UNKNOWN = "?";

    private final Deque<Double> rates = new ArrayDeque<>();
    private final Map<String, Map<Integer, Double>> busyByHost = new TreeMap<>();
    private @Nullable FlowStats last;
    private @Nullable FlowStats backward;
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

    /** Takes an interval of the source, which receives as well: of traffic in both directions. */
    void backward(FlowStats stats) {
        backward = stats;
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

    /** The hosts of a flow. */
    static String pair(RunFlow flow) {
        return Plain.text(flow.getSourceHostId()) + " → " + Plain.text(flow.getDestinationHostId());
    }

    /**
     * Hosts, recent rates, newest rate, round trips, retransmissions.
     *
     * @param pairWidth columns for the hosts, so that what follows stands below that of other flows
     */
    List<String> rateLine(int number, RunFlow flow, int pairWidth, boolean timed) {
        FlowStats newest = last;
        List<String> cells = new ArrayList<>();
        String pair = pair(flow);
        cells.add(String.format("flow %-3d ", number) + pair + " ".repeat(Math.max(0, pairWidth - Plain.width(pair))));
        cells.add(String.format("%-" + CHART + "s", chart(rates)));
        if (newest == null) {
            cells.add("no interval yet");
            return cells;
        }
        FlowStats other = backward;
        double bits = other == null
                ? IntervalBoard.bitsPerSecond(newest)
                : IntervalBoard.receivedBitsPerSecond(newest);
        cells.add(String.format("%11s", timed
                ? Scaled.perSecond(IntervalBoard.transactionsPerSecond(newest))
                : Scaled.bitsPerSecond(bits)));
        if (other != null) {
            cells.add(String.format("back %11s", Scaled.bitsPerSecond(IntervalBoard.receivedBitsPerSecond(other))));
        }
        if (timed) {
            Sighting.Trips known = trips;
            cells.add("p50 " + nanos(known == null ? null : known.p50Ns()));
            cells.add("p99 " + nanos(known == null ? null : known.p99Ns()));
            cells.add("max " + nanos(known == null ? null : known.maxNs()));
        }
        if (retransmits != null) {
            cells.add(retransmits + " retransmitted");
        }
        if (payloadErrors > 0) {
            cells.add(Counted.of(payloadErrors, "PAYLOAD ERROR", "PAYLOAD ERRORS"));
        }
        return cells;
    }

    /** The CPUs of both ends, how busy they are, and whether the flow kept to them. */
    List<String> laneLine(RunFlow flow) {
        return List.of(
                "         " + end(flow.getSourceHostId(), source, flow.getSourceLane()),
                "→  " + end(flow.getDestinationHostId(), destination, flow.getDestinationLane()),
                drifted == 0
                        ? "lane held"
                        : "DRIFTED in " + Counted.of(drifted, "interval") + ": "
                                + Plain.text(driftReason));
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
