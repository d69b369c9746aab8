package dev.flowlane.daemon.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Latency;
import dev.flowlane.avro.LatencyBucket;
import dev.flowlane.avro.TcpStats;
import dev.flowlane.bus.Codec;
import dev.flowlane.bus.Topic;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.CpuUse;
import dev.flowlane.worker.protocol.Datagrams;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.LaneSeen;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ThreadUse;
import dev.flowlane.worker.protocol.Traffic;
import dev.flowlane.worker.protocol.TrafficKind;
import org.HdrHistogram.Histogram;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** What becomes of an interval: columns, round trips, drift, sums. */
class IntervalsTest {
    private static final FlowEndId END = new FlowEndId("r.0", Role.SOURCE);
    private static final long SECOND_NS = 1_000_000_000L;

    @ParameterizedTest(name = "{0}: lane app {1} peer {2} rx {3}, seen on {4} rx {5} affinity {6}: {7}")
    @CsvSource({
        "HASHED,           2, -1,  5, 2,   5,  2, ''",
        "HASHED,           2, -1,  5, 2,   6,  2, 'receive CPU was 6, lane is {5}'",
        "HASHED,           2, -1,  5, 2,   -1, 2, ''",
        "HASHED,           2, -1,  5, 2-3, 5,  2, 'ran on CPU 2-3, lane is {2}'",
        "HASHED,           2, -1,  5, 2-3, 6,  2, 'ran on CPU 2-3, lane is {2}; receive CPU was 6, lane is {5}'",
        "HASHED,           2, -1,  5, 2,   5,  0-7, 'affinity was 0-7, lane is {2}'",
        "FOLLOWS_RECEIVER, 2, -1,  2, 2,   2,  2, ''",
        "FOLLOWS_RECEIVER, 2, -1,  5, 2,   2,  2, ''",
        "FOLLOWS_RECEIVER, 2, -1,  2, 2,   7,  2, 'receive CPU was 7, lane is {2}'",
        "FOLLOWS_SENDER,   0,  1,  0, 0,   1,  0, ''",
        "FOLLOWS_SENDER,   0,  1,  1, 0,   0,  0, ''",
        "FOLLOWS_SENDER,   0,  1,  1, 0,   2,  0, 'receive CPU was 2, lane is {0-1}'",
        "FOLLOWS_RECEIVER, -1, -1, 2, 4,   4, -1, ''",
        "FOLLOWS_SENDER,   0, -1,  1, 0,   2,  0, ''",
    })
    void driftIsADepartureFromTheLane(
            Steering steering, int application, int peer, int receive, String ran, int received, String mask,
            String expected) {
        Order.Assignment planned = new Order.Assignment(END, 7, application, peer, "host-b");
        ReadyEnd lane = new ReadyEnd(END, application, receive, Integer.toString(application), steering, 1, 2);

        List<Drift.Departure> departures =
                Drift.departures(planned, lane, new LaneSeen(application, ran, received, mask));

        assertThat(departures.stream().map(Drift.Departure::text).collect(Collectors.joining("; ")))
                .isEqualTo(expected);
    }

    @Test
    void aDriftIsToldOncePerChangeAndItsFirstMeasuredIntervalIsRemembered() {
        DriftWatch watch = new DriftWatch(END);
        List<Drift.Departure> onSix = List.of(new Drift.Departure(LaneDrift.Kind.RECEIVE_CPU, "5", "6"));
        List<Drift.Departure> onSeven = List.of(new Drift.Departure(LaneDrift.Kind.RECEIVE_CPU, "5", "7"));

        List<Integer> told = new ArrayList<>();
        told.add(watch.see(seen(0, true), List.of()).size());
        told.add(watch.see(seen(1, true), onSix).size());
        told.add(watch.see(seen(2, false), onSix).size());
        told.add(watch.see(seen(3, false), onSeven).size());
        told.add(watch.see(seen(4, false), List.of()).size());
        told.add(watch.see(seen(5, false), onSeven).size());

        assertThat(told).containsExactly(0, 1, 0, 1, 0, 1);
        assertThat(watch.firstMeasured()).isEqualTo("receive CPU was 6, lane is {5}, from interval 1");
    }

    @Test
    void aFlowThatChangesItsCpuForEverIsNotToldOfForEver() {
        DriftWatch watch = new DriftWatch(END);

        int told = 0;
        for (int seq = 0; seq < 1000; seq++) {
            String cpu = Integer.toString(6 + seq % 2);
            told += watch.see(seen(seq, false), List.of(new Drift.Departure(LaneDrift.Kind.RECEIVE_CPU, "5", cpu)))
                    .size();
        }

        assertThat(told).isEqualTo(DriftWatch.NEWS_MAX);
    }

    private static IntervalReport seen(int seq, boolean warmup) {
        return interval(seq, warmup, 1, Bytes.empty());
    }

    @Test
    void everyColumnOfTcpStatsBearsTheNameOfAFieldOfTcpInfo() {
        List<String> columns = TcpStats.getClassSchema().getFields().stream().map(Schema.Field::name).toList();

        assertThat(columns).containsAll(Arrays.stream(TcpInfo.Field.values())
                .map(TcpInfo.Field::column)
                .toList());
    }

    @Test
    void aShortTcpInfoLeavesItsLastColumnsUnknown() {
        TcpStats stats = records().tcpStats(decoded(interval(0, false, 10, Bytes.copyOf(new byte[104]))), null);

        assertThat(stats.getTcpInfoBytes()).isEqualTo(104);
        assertThat(stats.getTotalRetransSegments()).isZero();
        assertThat(stats.getBytesAcked()).isNull();
        assertThat(stats.getRetransmittedSegments()).isNull();
    }

    @Test
    void bucketsHoldEveryRoundTripOnce() {
        Histogram histogram = new Histogram(60 * SECOND_NS, 3);
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            histogram.recordValue((long) Math.exp(random.nextDouble() * 24));
        }
        histogram.recordValue(30 * SECOND_NS);

        RecordedRoundTrips recorded = new RoundTripDecoder().decode(RecordedRoundTripsTest.encoded(histogram));
        List<LatencyBucket> buckets = RoundTrips.buckets(recorded);

        assertThat(buckets).hasSize(23);
        assertThat(buckets.getFirst().getUpperNs()).isEqualTo(1_000);
        assertThat(buckets.get(21).getUpperNs()).isEqualTo(10 * SECOND_NS);
        assertThat(buckets.stream().mapToLong(LatencyBucket::getSamples).sum()).isEqualTo(histogram.getTotalCount());
        assertThat(buckets).allMatch(bucket -> bucket.getSamples() >= 0);
    }

    @Test
    void theReportOfALostWorkerIsTheSumOfItsMeasuredIntervals() {
        IntervalSums sums = new IntervalSums();
        sums.add(decoded(interval(0, true, 5, Bytes.copyOf(new byte[104]))));
        sums.add(decoded(interval(1, false, 10, Bytes.copyOf(new byte[104]))));
        sums.add(decoded(interval(2, false, 20, Bytes.copyOf(new byte[104]))));

        var report = sums.report(END, IntervalsTestSettings.stream(SECOND_NS, 3 * SECOND_NS));

        assertThat(report).isNotNull();
        assertThat(report.warmup().sentBytes()).isEqualTo(5);
        assertThat(report.measured().sentBytes()).isEqualTo(30);
        assertThat(report.windowNs()).isEqualTo(2 * SECOND_NS);
        assertThat(report.intervalsCut()).isEqualTo(3);
        assertThat(report.intervalsExpected()).isEqualTo(4);
    }

    @Test
    void latencyCarriesTheWorkersHistogramUnchanged() {
        Histogram histogram = new Histogram(60 * SECOND_NS, 3);
        histogram.recordValue(20_000);
        histogram.recordValue(40_000);
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        byte[] bytes = new byte[histogram.encodeIntoCompressedByteBuffer(buffer)];
        buffer.get(0, bytes);

        var latencies = records().latencies(decoded(withHistogram(interval(0, false, 2, Bytes.empty()), bytes)));

        assertThat(latencies).extracting(Latency::getSendTimeBasis).containsExactly("actual", "intended");
        var latency = latencies.getFirst();
        assertThat(latency.getHistogram()).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(latency.getRoundTripP50Ns()).isBetween(19_980L, 20_020L);
        assertThat(latency.getRoundTripMaxNs()).isBetween(39_960L, 40_040L);
    }

    @Test
    void datagramsAreInTheRecordOfAFlowOverUdpAlone() {
        Traffic traffic = new Traffic(
                0, 9000, 0, 0, 9, 0, 0, 0, 0, 0, 0, new Datagrams(0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 1_500));
        IntervalReport tcp = interval(0, false, 1, Bytes.empty());
        IntervalReport udp = new IntervalReport(
                0, false, 1, 2, SECOND_NS, traffic, traffic, ThreadUse.NONE, new LaneSeen(0, "0", 1, "0"),
                Bytes.empty(), 0, Bytes.empty(), Bytes.empty(), List.of(), 0);

        assertThat(records().flowStats(tcp).getDatagrams()).isNull();
        dev.flowlane.avro.Datagrams datagrams =
                records(TrafficKind.DATAGRAM_STREAM).flowStats(udp).getDatagrams();
        assertThat(datagrams)
                .isEqualTo(dev.flowlane.avro.Datagrams.newBuilder()
                        .setReceivedMessages(9)
                        .setLostMessages(1)
                        .setDuplicateMessages(2)
                        .setReorderedMessages(3)
                        .setLateMessages(4)
                        .setTimedOutRequests(5)
                        .setLateResponses(6)
                        .setForeignMessages(7)
                        .setBufferDrops(8)
                        .setJitterNs(END.role() == Role.DESTINATION ? (Long) 1_500L : null)
                        .build());
        assertThat(records(TrafficKind.DATAGRAM_STREAM).overUdp()).isTrue();
    }

    /** Records are filled in field by field: what is left out shows when they are written. */
    @Test
    void noRequiredFieldIsLeftOutOfARecord() {
        Histogram histogram = new Histogram(60 * SECOND_NS, RoundTrips.SIGNIFICANT_DIGITS);
        histogram.recordValue(20_000);
        byte[] bytes = RecordedRoundTripsTest.encoded(histogram).toArray();
        IntervalReport report = withHistogram(interval(0, false, 2, Bytes.copyOf(new byte[104])), bytes);
        CpuUse use = new CpuUse(0, CpuUse.Part.APPLICATION, 1, 2, 3, 4, 5, 6, 7);
        DecodedInterval decoded = decoded(new IntervalReport(
                report.seq(), report.warmup(), report.startedWallNs(), report.endedWallNs(), report.intervalNs(),
                report.traffic(), report.totalTraffic(), report.thread(), report.lane(), report.tcpInfo(),
                report.roundTrips(), report.roundTripHistogram(), report.intendedRoundTripHistogram(), List.of(use),
                0));

        assertThat(written(Topic.FLOW_STATS, records().flowStats(decoded.report())).getSentBytes()).isEqualTo(2);
        assertThat(written(Topic.TCP_STATS, records().tcpStats(decoded, decoded.tcpInfo())).getTcpInfoBytes())
                .isEqualTo(104);
        assertThat(written(Topic.CPU_PLACEMENT, records().cpuPlacement(decoded.report(), null)).getDrifted()).isFalse();
        assertThat(written(Topic.CPU_USE, records().cpuUses(decoded.report()).getFirst()).getIdleNs()).isEqualTo(7);
        for (Latency latency : records().latencies(decoded)) {
            assertThat(written(Topic.LATENCY, latency)).isEqualTo(latency);
        }
    }

    private static <T extends SpecificRecord> T written(Topic<T> topic, T record) {
        Codec<T> codec = Codec.of(topic);
        return switch (codec.decode(codec.encode(record))) {
            case Codec.Decoded.Value<T>(T value) -> value;
            case Codec.Decoded.Malformed<T>(String reason) -> throw new AssertionError(reason);
        };
    }

    private static IntervalRecords records() {
        return records(TrafficKind.STREAM);
    }

    private static IntervalRecords records(TrafficKind kind) {
        Order.Assignment planned = new Order.Assignment(END, 7, 0, 1, "host-b");
        return new IntervalRecords(
                new RunRef("r", 1), "host-a", planned, new ReadyEnd(END, 0, 1, "0", Steering.HASHED, 1, 2), kind);
    }

    private static IntervalReport interval(int seq, boolean warmup, long bytes, Bytes tcpInfo) {
        Traffic traffic = new Traffic(bytes, 0, 0, 1, 0, 0, 0, 0, 0, 0);
        return new IntervalReport(
                seq, warmup, seq * SECOND_NS + 1, (seq + 1) * SECOND_NS + 1, SECOND_NS, traffic, traffic,
                ThreadUse.NONE, new LaneSeen(0, "0", 1, "0"), tcpInfo, 0, Bytes.empty(), Bytes.empty(), List.of(), 0);
    }

    private static DecodedInterval decoded(IntervalReport interval) {
        return DecodedInterval.of(interval, new RoundTripDecoder());
    }

    private static IntervalReport withHistogram(IntervalReport interval, byte[] histogram) {
        return new IntervalReport(
                interval.seq(), interval.warmup(), interval.startedWallNs(), interval.endedWallNs(),
                interval.intervalNs(), interval.traffic(), interval.totalTraffic(), interval.thread(),
                interval.lane(), interval.tcpInfo(), 2, Bytes.copyOf(histogram), Bytes.copyOf(histogram),
                interval.cpus(), 0);
    }
}
