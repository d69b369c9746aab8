package dev.flowlane.daemon.telemetry;

import dev.flowlane.worker.protocol.Datagrams;
import dev.flowlane.worker.protocol.Role;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What Prometheus is shown of flows over UDP; one scrape. */
final class DatagramMetrics {
    private static final double NS_PER_SECOND = 1e9;

    /** Which end of a direction a figure is counted at. */
    private enum CountedAt {
        SENDER,
        RECEIVER,
        SOURCE
    }

    private enum Count {
        SENT("sent", "Datagrams that the kernel took.", CountedAt.SENDER),
        RECEIVED("received", "Different datagrams that arrived in time.", CountedAt.RECEIVER),
        LOST(
                "lost",
                "Datagrams that did not arrive, or more than 4,096 numbers late; told 4,096 numbers later, the rest at"
                        + " the end.",
                CountedAt.RECEIVER),
        DUPLICATE("duplicate", "Copies of datagrams that had arrived.", CountedAt.RECEIVER),
        REORDERED(
                "reordered", "Datagrams with a lower number than one before them (RFC 4737).", CountedAt.RECEIVER),
        LATE("late", "Datagrams that arrived more than 4,096 numbers late.", CountedAt.RECEIVER),
        DROPPED(
                "buffer_dropped",
                "Datagrams that the receiving kernel had no room for in the socket's buffer.",
                CountedAt.RECEIVER),
        TIMED_OUT(
                "timed_out_requests",
                "Requests without a response within traffic.timeout, at the source.",
                CountedAt.SOURCE);

        private final String name;
        private final String help;
        private final CountedAt at;

        Count(String name, String help, CountedAt at) {
            this.name = name;
            this.help = help;
            this.at = at;
        }

        private long of(Datagrams datagrams) {
            return switch (this) {
                case SENT -> datagrams.sentMessages();
                case RECEIVED -> datagrams.receivedMessages();
                case LOST -> datagrams.lostMessages();
                case DUPLICATE -> datagrams.duplicateMessages();
                case REORDERED -> datagrams.reorderedMessages();
                case LATE -> datagrams.lateMessages();
                case DROPPED -> datagrams.bufferDrops();
                case TIMED_OUT -> datagrams.timedOutRequests();
            };
        }
    }

    private final Map<Count, CounterSnapshot.Builder> counters = new EnumMap<>(Count.class);
    private final GaugeSnapshot.Builder jitter = GaugeSnapshot.builder()
            .name("flowlane_datagram_jitter_seconds")
            .help("Interarrival jitter at the end of the last interval (RFC 3550), at the destination.");

    DatagramMetrics() {
        for (Count count : Count.values()) {
            counters.put(
                    count, CounterSnapshot.builder().name("flowlane_datagrams_" + count.name).help(count.help));
        }
    }

    /** @param hosts labels of the flow */
    void show(Labels hosts, FlowSeries flow) {
        Pair pair = flow.pair();
        for (Phase phase : Phase.values()) {
            Datagrams datagrams = flow.traffic(phase).datagrams();
            Labels labels = hosts.add("phase", phase.label());
            counters.forEach((count, counter) -> {
                if (count.at != CountedAt.SOURCE || pair.role() == Role.SOURCE) {
                    counter.dataPoint(CounterDataPointSnapshot.builder()
                            .labels(labels.add("direction", direction(count, pair)))
                            .value((double) count.of(datagrams))
                            .build());
                }
            });
        }
        Datagrams measured = flow.traffic(Phase.MEASURED).datagrams();
        Datagrams newest = measured.receivedMessages() > 0 ? measured : flow.traffic(Phase.WARMUP).datagrams();
        if (pair.role() == Role.DESTINATION && newest.receivedMessages() > 0) {
            jitter.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(hosts.add("direction", pair.receives()))
                    .value(newest.jitterNs() / NS_PER_SECOND)
                    .build());
        }
    }

    private static String direction(Count count, Pair pair) {
        return switch (count.at) {
            case SENDER, SOURCE -> pair.sends();
            case RECEIVER -> pair.receives();
        };
    }

    List<MetricSnapshot> snapshots() {
        List<MetricSnapshot> metrics = new ArrayList<>();
        counters.values().forEach(counter -> metrics.add(counter.build()));
        metrics.add(jitter.build());
        return metrics;
    }
}
