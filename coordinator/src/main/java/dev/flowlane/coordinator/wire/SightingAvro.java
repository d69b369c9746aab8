package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.CpuPlacement;
import dev.flowlane.avro.CpuUse;
import dev.flowlane.avro.Datagrams;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Latency;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.TcpStats;
import dev.flowlane.page.Sighting;
import org.HdrHistogram.Histogram;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/** Records of the result topics as the page sees them. */
public final class SightingAvro {
    /** Three digits up to an hour take under 50,000 counters; no such histogram has a longer encoding. */
    private static final int ENCODED_BYTES_MAX = 1 << 20;

    private SightingAvro() {}

    /** What the record shows; null when it is none of those that the page shows. */
    public static @Nullable Sighting fromAvro(SpecificRecord record) {
        return switch (record) {
            case FlowStats stats -> interval(stats);
            case Latency latency -> trips(latency);
            case TcpStats tcp -> new Sighting.Retransmits(
                    tcp.getRunId(), tcp.getFlowId(), source(tcp.getFlowRole()), tcp.getSeq(),
                    tcp.getRetransmittedSegments());
            case CpuPlacement placement -> new Sighting.Lane(
                    placement.getRunId(),
                    placement.getFlowId(),
                    source(placement.getFlowRole()),
                    placement.getSeq(),
                    placement.getApplicationCpu(),
                    placement.getReceiveCpu(),
                    placement.getDrifted(),
                    placement.getDriftReason());
            case CpuUse use -> load(use);
            case RunEvent event -> notice(event);
            default -> null;
        };
    }

    private static Sighting.Interval interval(FlowStats stats) {
        Datagrams datagrams = stats.getDatagrams();
        return new Sighting.Interval(
                stats.getRunId(),
                stats.getFlowId(),
                source(stats.getFlowRole()),
                stats.getSeq(),
                stats.getWarmup(),
                stats.getIntervalNs(),
                stats.getSentBytes(),
                stats.getReceivedBytes(),
                stats.getTransactions(),
                stats.getPayloadErrors(),
                datagrams == null
                        ? null
                        : new Sighting.Arrivals(datagrams.getReceivedMessages(), datagrams.getLostMessages()));
    }

    private static Sighting.@Nullable Trips trips(Latency latency) {
        if (!latency.getSendTimeBasis().equals("actual")) {
            return null;
        }
        return new Sighting.Trips(
                latency.getRunId(),
                latency.getFlowId(),
                source(latency.getFlowRole()),
                latency.getSeq(),
                latency.getRoundTripP50Ns(),
                latency.getRoundTripP99Ns(),
                latency.getRoundTripMaxNs(),
                histogram(latency.getHistogram()));
    }

    private static @Nullable Histogram histogram(ByteBuffer compressed) {
        if (compressed.remaining() > ENCODED_BYTES_MAX) {
            return null;
        }
        try {
            return Histogram.decodeFromCompressedByteBuffer(compressed.duplicate(), 0);
        } catch (DataFormatException | RuntimeException e) {
            // The decoder answers malformed input with whatever its arithmetic runs into.
            return null;
        }
    }

    private static Sighting.CpuLoad load(CpuUse use) {
        double sumNs = (double) use.getUserNs() + use.getSystemNs() + use.getIrqNs() + use.getSoftirqNs()
                + use.getStealNs() + use.getIowaitNs() + use.getIdleNs();
        // Of no time at all nothing was used.
        double allNs = sumNs <= 0 ? 1 : sumNs;
        return new Sighting.CpuLoad(
                use.getRunId(),
                use.getFlowId(),
                source(use.getFlowRole()),
                use.getSeq(),
                use.getHostId(),
                use.getCpu(),
                use.getCpuUse().name(),
                new Sighting.CpuShares(
                        use.getUserNs() / allNs,
                        use.getSystemNs() / allNs,
                        use.getIrqNs() / allNs,
                        use.getSoftirqNs() / allNs,
                        use.getStealNs() / allNs));
    }

    /** Answers are for those who asked, and states are shown as they are. */
    private static Sighting.@Nullable Notice notice(RunEvent event) {
        RunEventType type = event.getEventType();
        return switch (type) {
            case LANE_DRIFT, HOST_LOST, WARNING -> {
                String host = event.getHostId();
                String flow = event.getFlowId();
                yield new Sighting.Notice(
                        event.getRunId(),
                        event.getEventTime(),
                        type.name(),
                        ((host == null ? "" : host) + " " + (flow == null ? "" : flow)).strip(),
                        event.getMessage());
            }
            case ANSWER, STATE, UNKNOWN -> null;
        };
    }

    private static boolean source(FlowRole role) {
        return role == FlowRole.SOURCE;
    }
}
