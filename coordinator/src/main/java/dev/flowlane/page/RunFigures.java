package dev.flowlane.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.Counted;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Traffic;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The figures of one run as they come from the result topics, put together for charts. Records may come in any order
 * and more than once per topic partition is never the case; only the newest measurement of a run is kept, and of it the
 * newest {@value #POINTS_MAX} intervals. Not thread-safe.
 */
public final class RunFigures {
    /** Intervals that are kept: a chart has about as many pixels. */
    public static final int POINTS_MAX = 600;

    /** CPUs whose load is kept over time; of further ones only the newest value. */
    static final int CPU_LINES_MAX = 64;

    /** Of the flows that share a CPU so many are named. */
    private static final int FLOWS_OF_CPU_MAX = 4;

    private static final int NOTICES_MAX = 50;
    private static final int SPARK_MAX = 40;
    private static final double NS_PER_SECOND = 1e9;

    private final RunSpec spec;
    private final boolean sourcesShown;
    private final boolean bothWays;
    private final TreeMap<Integer, IntervalPoint> points = new TreeMap<>();
    private final Map<String, FlowNow> flows = new LinkedHashMap<>();
    private final TreeMap<String, CpuLine> cpus = new TreeMap<>();
    private final Deque<Sighting.Notice> notices = new ArrayDeque<>();
    private int attempt;
    private int expectedFlows;
    private int droppedBelow;
    private long noticesDropped;
    private long intervals;
    private long arrived;
    private long lost;

    /** What is known of one flow now. */
    private static final class FlowNow {
        private int seq = -1;
        private double bitsPerSecond;
        private @Nullable Double backwardBitsPerSecond;
        private double transactionsPerSecond;
        private long payloadErrors;
        private Sighting.@Nullable Trips trips;
        private @Nullable Long retransmits;
        private int driftedIntervals;
        private @Nullable String driftReason;
        private Sighting.@Nullable Lane source;
        private Sighting.@Nullable Lane destination;
        private final Deque<Double> spark = new ArrayDeque<>();
    }

    /** Load of one CPU over the intervals. */
    private static final class CpuLine {
        private final TreeMap<Integer, Sighting.CpuShares> busy = new TreeMap<>();
        private String use = "";
        private final TreeSet<String> flowIds = new TreeSet<>();
        private int seq = -1;
        private Sighting.CpuShares now = new Sighting.CpuShares(0, 0, 0, 0, 0);
    }

    /** Figures of nothing yet. */
    public RunFigures(RunSpec spec) {
        this.spec = spec;
        // Of a stream what was received got through; whoever asks completes transactions.
        this.sourcesShown = spec.traffic().timed() != spec.course().reverse();
        this.bothWays = spec.traffic() instanceof Traffic.Bidirectional;
        this.expectedFlows = Math.toIntExact(Math.min(spec.flowCount(), Integer.MAX_VALUE));
    }

    /** Takes a record of this run. */
    public void add(Sighting sighting) {
        switch (sighting) {
            case Sighting.OfEnd ofEnd -> {
                if (isOfNewestAttempt(ofEnd.flowId())) {
                    addOfEnd(ofEnd);
                }
            }
            case Sighting.Notice notice -> {
                notices.addLast(notice);
                if (notices.size() > NOTICES_MAX) {
                    notices.removeFirst();
                    noticesDropped++;
                }
            }
        }
    }

    /** Intervals of either end that came. */
    public long intervals() {
        return intervals;
    }

    private void addOfEnd(Sighting.OfEnd ofEnd) {
        FlowNow flow = flows.computeIfAbsent(ofEnd.flowId(), _ -> new FlowNow());
        switch (ofEnd) {
            case Sighting.Interval interval -> interval(flow, interval);
            case Sighting.Trips trips -> trips(flow, trips);
            case Sighting.Retransmits retransmits -> retransmits(flow, retransmits);
            case Sighting.Lane lane -> lane(flow, lane);
            case Sighting.CpuLoad load -> load(load);
        }
    }

    private void interval(FlowNow flow, Sighting.Interval interval) {
        intervals++;
        flow.payloadErrors += interval.payloadErrors();
        datagrams(interval);
        if (interval.source() != sourcesShown) {
            if (bothWays) {
                backward(flow, interval);
            }
            return;
        }
        long bytes = bothWays
                ? interval.receivedBytes()
                : Math.max(interval.receivedBytes(), interval.sentBytes());
        if (interval.seq() > flow.seq) {
            flow.seq = interval.seq();
            flow.bitsPerSecond = bothWays ? interval.receivedBitsPerSecond() : interval.bitsPerSecond();
            flow.transactionsPerSecond = interval.transactionsPerSecond();
            flow.spark.addLast(spec.traffic().timed() ? flow.transactionsPerSecond : flow.bitsPerSecond);
            if (flow.spark.size() > SPARK_MAX) {
                flow.spark.removeFirst();
            }
        }
        IntervalPoint point = point(interval.seq());
        if (point != null) {
            point.add(interval, bytes);
        }
    }

    /** Each end knows which datagrams of the other one came; a loss in either direction is one of the run. */
    private void datagrams(Sighting.Interval interval) {
        Sighting.Arrivals arrivals = interval.datagrams();
        if (arrivals == null) {
            return;
        }
        if (!interval.warmup()) {
            arrived += arrivals.received();
            lost += arrivals.lost();
        }
        IntervalPoint point = point(interval.seq());
        if (point != null) {
            point.addLost(interval, arrivals.lost());
        }
    }

    /** Datagrams of the measured window that are known to be lost so far. */
    public long lostDatagrams() {
        return lost;
    }

    /** Their share of all of the measured window that arrived or are known to be lost; null before there is one. */
    public @Nullable Double lossRatio() {
        return arrived + lost == 0 ? null : (Double) ((double) lost / (arrived + lost));
    }

    /** Of traffic in both directions the other end has what came back. */
    private void backward(FlowNow flow, Sighting.Interval interval) {
        flow.backwardBitsPerSecond = interval.receivedBitsPerSecond();
        IntervalPoint point = point(interval.seq());
        if (point != null) {
            point.addBackward(interval);
        }
    }

    private void trips(FlowNow flow, Sighting.Trips trips) {
        Sighting.Trips newest = flow.trips;
        if (newest == null || trips.seq() > newest.seq()) {
            flow.trips = trips;
        }
        IntervalPoint point = point(trips.seq());
        if (point != null) {
            point.add(trips, expectedFlows);
        }
    }

    private void retransmits(FlowNow flow, Sighting.Retransmits retransmits) {
        Long segments = retransmits.segments();
        if (segments == null) {
            return;
        }
        flow.retransmits = (flow.retransmits == null ? 0 : flow.retransmits) + segments;
        IntervalPoint point = point(retransmits.seq());
        if (point != null) {
            point.retransmits += segments;
            point.retransmitsKnown = true;
        }
    }

    private static void lane(FlowNow flow, Sighting.Lane lane) {
        if (lane.drifted()) {
            flow.driftedIntervals++;
            flow.driftReason = lane.driftReason();
        }
        Sighting.Lane newest = lane.source() ? flow.source : flow.destination;
        if (newest == null || lane.seq() > newest.seq()) {
            if (lane.source()) {
                flow.source = lane;
            } else {
                flow.destination = lane;
            }
        }
    }

    private void load(Sighting.CpuLoad load) {
        CpuLine line = cpus.computeIfAbsent(
                load.hostId() + ' ' + String.format("%05d", load.cpu()), _ -> new CpuLine());
        if (load.seq() >= line.seq) {
            line.seq = load.seq();
            line.now = load.shares();
            line.use = load.use();
        }
        line.flowIds.add(load.flowId());
        if (load.seq() >= droppedBelow && (cpus.size() <= CPU_LINES_MAX || !line.busy.isEmpty())) {
            line.busy.put(load.seq(), load.shares());
            line.busy.headMap(line.busy.lastKey() - POINTS_MAX, true).clear();
        }
    }

    /** The point of that interval; null when it lies before those that are kept. */
    private @Nullable IntervalPoint point(int seq) {
        if (seq < droppedBelow) {
            return null;
        }
        IntervalPoint point = points.computeIfAbsent(seq, _ -> new IntervalPoint());
        if (points.size() > POINTS_MAX) {
            droppedBelow = points.pollFirstEntry().getKey() + 1;
            return seq < droppedBelow ? null : point;
        }
        return point;
    }

    /** {@code RUN.3} is of the first attempt, {@code RUN.3~2} of the second: a newer one begins anew. */
    private boolean isOfNewestAttempt(String flowId) {
        int tilde = flowId.lastIndexOf('~');
        String number = tilde < 0 ? "1" : flowId.substring(tilde + 1);
        int of = number.matches("[0-9]{1,6}") ? Integer.parseInt(number) : 0;
        if (of > attempt) {
            attempt = of;
            points.clear();
            flows.clear();
            cpus.clear();
            droppedBelow = 0;
            intervals = 0;
            arrived = 0;
            lost = 0;
        }
        return of == attempt;
    }

    /**
     * Number of the newest interval from which on a reader needs everything again: those before it do not change any
     * more, as far as records of all flows come within three intervals of each other.
     */
    public int stableBelow() {
        return points.isEmpty() ? 0 : Math.max(0, points.lastKey() - 3);
    }

    /**
     * Intervals from a number on, oldest first: number, seconds from the first byte to its end, bit/s, transactions
     * per second, p50, p99 and longest round trip in ns, retransmitted segments, 1 in the warm-up, flows that
     * reported it, bit/s backward where both directions carry payload, datagrams per second that are known to be lost.
     * What is not known is null.
     */
    public ArrayNode series(int fromSeq) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        points.tailMap(fromSeq, true).forEach((seq, point) -> {
            ArrayNode row = array.addArray();
            row.add(seq).add(endSeconds(seq));
            point.addTo(row);
        });
        return array;
    }

    /**
     * The load of the lanes' CPUs: how many flows use it, the first of them, its newest value and, of the first 64, the
     * values from that interval on: number of the interval, then shares of busy, user, system, irq, softirq and steal
     * time, 0 to 1.
     */
    public ArrayNode cpus(int fromSeq) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        cpus.forEach((key, line) -> {
            int space = key.lastIndexOf(' ');
            ObjectNode cpu = array.addObject();
            cpu.put("host_id", key.substring(0, space))
                    .put("cpu", Integer.parseInt(key.substring(space + 1)))
                    .put("use", line.use)
                    .put("flows", line.flowIds.size())
                    .put("busy_ratio", rounded(line.now.busy()));
            ArrayNode flowIds = cpu.putArray("flow_ids");
            line.flowIds.stream().limit(FLOWS_OF_CPU_MAX).forEach(flowIds::add);
            ArrayNode busy = cpu.putArray("busy");
            line.busy.tailMap(fromSeq, true).forEach((seq, shares) -> busy.addArray()
                    .add(seq)
                    .add(rounded(shares.busy()))
                    .add(rounded(shares.user()))
                    .add(rounded(shares.system()))
                    .add(rounded(shares.irq()))
                    .add(rounded(shares.softirq()))
                    .add(rounded(shares.steal())));
        });
        return array;
    }

    /** Adds what is known of a flow now to its entry; nothing when nothing is. */
    public void addFlow(String flowId, ObjectNode json) {
        FlowNow flow = flows.get(flowId);
        if (flow == null) {
            return;
        }
        Sighting.Trips trips = flow.trips;
        json.put("bits_per_second", flow.bitsPerSecond)
                .put("backward_bits_per_second", flow.backwardBitsPerSecond)
                .put("transactions_per_second", flow.transactionsPerSecond)
                .put("round_trip_p50_ns", trips == null ? null : trips.p50Ns())
                .put("round_trip_p99_ns", trips == null ? null : trips.p99Ns())
                .put("round_trip_max_ns", trips == null ? null : trips.maxNs())
                .put("retransmitted_segments", flow.retransmits)
                .put("payload_errors", flow.payloadErrors)
                .put("drifted_intervals", flow.driftedIntervals)
                .put("drift_reason", flow.driftReason);
        addLane(json, "source", flow.source);
        addLane(json, "destination", flow.destination);
        ArrayNode spark = json.putArray("recent");
        flow.spark.forEach(spark::add);
    }

    private static void addLane(ObjectNode json, String end, Sighting.@Nullable Lane lane) {
        if (lane != null) {
            json.put(end + "_application_cpu_now", lane.applicationCpu())
                    .put(end + "_receive_cpu_now", lane.receiveCpu());
        }
    }

    /** Events that a person should know of, newest first. */
    public ArrayNode notices() {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Sighting.Notice notice : notices.reversed()) {
            array.addObject()
                    .put("time", notice.at().toString())
                    .put("type", notice.type())
                    .put("where", notice.where())
                    .put("message", notice.message());
        }
        return array;
    }

    /** What of all that came is not in the charts, for people; empty when nothing is missing. */
    public List<String> leftOut() {
        List<String> left = new ArrayList<>();
        if (droppedBelow > 0) {
            left.add("the charts show the newest " + POINTS_MAX + " intervals; flowlane report has all of them");
        }
        if (cpus.size() > CPU_LINES_MAX) {
            left.add("of " + cpus.size() + " lane CPUs " + CPU_LINES_MAX + " are drawn over time");
        }
        if (noticesDropped > 0) {
            left.add(Counted.of(noticesDropped, "older event is", "older events are")
                    + " left out; flowlane watch and the topic run-events have them");
        }
        return left;
    }

    /** Warm-up and measured window are each cut into intervals from their own beginning. */
    private double endSeconds(int seq) {
        long intervalNs = spec.interval().toNanos();
        long warmupNs = spec.warmup().toNanos();
        long ofWarmup = Math.ceilDiv(warmupNs, intervalNs);
        long endNs = seq < ofWarmup
                ? Math.min((seq + 1) * intervalNs, warmupNs)
                : warmupNs + Math.min((seq - ofWarmup + 1) * intervalNs, spec.duration().toNanos());
        return endNs / NS_PER_SECOND;
    }

    private static double rounded(double ratio) {
        return Math.round(ratio * 1000) / 1000.0;
    }
}
