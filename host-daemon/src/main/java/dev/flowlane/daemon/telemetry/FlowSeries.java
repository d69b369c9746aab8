package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.CpuUse;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.Traffic;
import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Figures of one flow end, or of all those of a pair of hosts that there was no room for one by one. They only grow,
 * and stand still from the end on. Not thread-safe.
 */
final class FlowSeries {
    /** Modes that a CPU's time is told apart by, in the order of {@link CpuUse}. */
    static final String[] MODES = {"user", "system", "irq", "softirq", "iowait", "steal", "idle"};

    /** Wrong payload; the other reasons are the outcomes of flow ends. */
    static final String PAYLOAD = "payload";

    /** Series of one CPU of a lane. */
    static final int CPU_SERIES = MODES.length;

    /** Sent, received, lost, duplicate, reordered, late, dropped by the kernel, timed out; each by phase. */
    private static final int DATAGRAM_COUNTS = 8;

    private static final int NO_CPU = -1;

    /** A CPU and the part that it plays in the lane. */
    record LaneCpu(int cpu, CpuUse.Part part) implements Comparable<LaneCpu> {
        @Override
        public int compareTo(LaneCpu other) {
            int byCpu = Integer.compare(cpu, other.cpu);
            return byCpu != 0 ? byCpu : part.compareTo(other.part);
        }
    }

    private final Pair pair;
    private final String flowId;
    private final Map<Phase, Traffic> traffic = new EnumMap<>(Phase.class);
    private final SortedMap<String, Long> errors = new TreeMap<>();
    private final Map<LaneDrift.Kind, Long> drifts = new EnumMap<>(LaneDrift.Kind.class);
    private final SortedMap<LaneCpu, long[]> cpuNs = new TreeMap<>();
    private final Set<LaneCpu> withoutRoom = new HashSet<>();
    private @Nullable ReadyEnd lane;
    private @Nullable TcpInfo tcp;
    private boolean datagrams;

    /**
     * Figures of nothing yet.
     *
     * @param lane null when this stands for several flow ends
     */
    FlowSeries(Pair pair, String flowId, @Nullable ReadyEnd lane) {
        this.pair = pair;
        this.flowId = flowId;
        this.lane = lane;
        for (Phase phase : Phase.values()) {
            traffic.put(phase, Traffic.NONE);
        }
        // From 0 on, so that the first one is seen as an increase.
        errors.put(PAYLOAD, 0L);
        for (LaneDrift.Kind kind : LaneDrift.Kind.values()) {
            drifts.put(kind, 0L);
        }
    }

    /**
     * Most series of a flow end, those of CPUs not counted.
     *
     * @param datagrams whether it goes over UDP, which has figures of its own in place of TCP's
     */
    static int mostSeries(Role role, boolean datagrams) {
        int bytes = 2 * Phase.values().length;
        int transactions = role == Role.SOURCE ? Phase.values().length : 0;
        int errors = 2;
        int transport = datagrams ? DATAGRAM_COUNTS * Phase.values().length + 1 : 4;
        int lane = 2;
        return bytes + transactions + errors + LaneDrift.Kind.values().length + transport + lane;
    }

    void add(DecodedInterval decoded, Collection<LaneDrift.Kind> departures) {
        IntervalReport interval = decoded.report();
        traffic.merge(Phase.of(interval), interval.traffic(), Traffic::plus);
        errors.merge(PAYLOAD, interval.traffic().payloadErrors(), Long::sum);
        departures.forEach(kind -> drifts.merge(kind, 1L, Long::sum));
        if (lane != null && decoded.tcpInfo().length() > 0) {
            tcp = decoded.tcpInfo();
        }
    }

    /** Whether nobody has asked yet whether there is room for this CPU's series. */
    boolean isNew(CpuUse use) {
        LaneCpu cpu = new LaneCpu(use.cpu(), use.part());
        return !cpuNs.containsKey(cpu) && !withoutRoom.contains(cpu);
    }

    /** There is no room for this CPU's series. */
    void leaveOut(CpuUse use) {
        withoutRoom.add(new LaneCpu(use.cpu(), use.part()));
    }

    /** Makes the series of a CPU, which {@link #add(CpuUse)} needs. */
    void prepare(CpuUse use) {
        cpuNs.put(new LaneCpu(use.cpu(), use.part()), new long[MODES.length]);
    }

    void add(CpuUse use) {
        long[] sums = cpuNs.get(new LaneCpu(use.cpu(), use.part()));
        if (sums == null) {
            return;
        }
        long[] more = {
            use.userNs(), use.systemNs(), use.irqNs(), use.softirqNs(), use.iowaitNs(), use.stealNs(), use.idleNs()
        };
        for (int i = 0; i < sums.length; i++) {
            sums[i] += more[i];
        }
    }

    /** The flow end's own books: they hold what intervals that were dropped on the way would have added. */
    void settle(EndReport report) {
        traffic.merge(Phase.WARMUP, report.warmup(), FlowSeries::atLeast);
        traffic.merge(Phase.MEASURED, report.measured(), FlowSeries::atLeast);
        errors.merge(PAYLOAD, report.payloadErrors(), Math::max);
    }

    void failed(String reason) {
        errors.merge(reason, 1L, Long::sum);
    }

    /** A search found another lane for it before it began. */
    void moveTo(ReadyEnd newLane) {
        lane = newLane;
    }

    /** It goes over UDP, or one of those that it stands for does. */
    void carriesDatagrams() {
        datagrams = true;
    }

    /** Whether there is anything to tell of datagrams. */
    boolean hasDatagrams() {
        return datagrams;
    }

    Pair pair() {
        return pair;
    }

    String flowId() {
        return flowId;
    }

    Traffic traffic(Phase phase) {
        return traffic.getOrDefault(phase, Traffic.NONE);
    }

    /** By reason. */
    SortedMap<String, Long> errors() {
        return errors;
    }

    /** Intervals outside the lane, by what was left. */
    Map<LaneDrift.Kind, Long> drifts() {
        return drifts;
    }

    /** Time by mode, in the order of {@link #MODES}. */
    SortedMap<LaneCpu, long[]> cpuNs() {
        return cpuNs;
    }

    /** Of the newest interval; null before the first, and where the flow is not TCP. */
    @Nullable TcpInfo tcp() {
        return tcp;
    }

    /** CPU of its lane that its worker was pinned to; null: not pinned, or several flow ends. */
    @Nullable Integer applicationCpu() {
        return lane == null || lane.applicationCpu() == NO_CPU ? null : Integer.valueOf(lane.applicationCpu());
    }

    /** CPU of its lane that it receives on; null: unknown, or several flow ends. */
    @Nullable Integer receiveCpu() {
        return lane == null || lane.receiveCpu() == NO_CPU ? null : Integer.valueOf(lane.receiveCpu());
    }

    private static Traffic atLeast(Traffic seen, Traffic reported) {
        return reported.sentBytes() >= seen.sentBytes()
                        && reported.receivedBytes() >= seen.receivedBytes()
                        && reported.transactions() >= seen.transactions()
                ? reported
                : seen;
    }
}
