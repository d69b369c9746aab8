package dev.flowlane.coordinator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.bus.Codec;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.run.Datagrams;
import dev.flowlane.core.run.EndReport;
import dev.flowlane.core.run.FlowEnd;
import dev.flowlane.core.run.FlowLane;
import dev.flowlane.core.run.FlowOutcome;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.HostEnvironment;
import dev.flowlane.core.run.KindFigures;
import dev.flowlane.core.run.OpaqueBytes;
import dev.flowlane.core.run.RoundTrips;
import dev.flowlane.core.run.RunOutcome;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.SocketOption;
import dev.flowlane.core.run.StateName;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a run writes fits its topic, however large the run: a record that the broker refuses would stop the coordinator.
 */
final class LargestRunTest {
    /** As many as a spec may ask for. */
    private static final int FLOWS = 4096;

    private final RandomValues values = new RandomValues(1);

    @Test
    void theStateOfTheLargestRunFits() {
        RunRecord run = new RunRecord(
                "r".repeat(64),
                "c",
                "me",
                RoundTripTest.spec(values),
                Instant.EPOCH,
                1,
                1,
                1,
                null,
                History.NONE,
                RunState.replayed(StateName.FINISHING, Instant.EPOCH, Instant.EPOCH, List.of(),
                        Collections.nCopies(FLOWS, lane()), List.of(), null, false));

        int bytes = Codec.of(Topic.RUNS).encode(RunAvro.toAvro(run)).length;

        assertThat(bytes).isLessThan(Topic.RUNS.layout().maxMessageBytes());
    }

    @Test
    void theResultOfTheLargestRunFits() {
        FlowOutcome any = values.of(FlowOutcome.class);
        FlowOutcome flow = new FlowOutcome(lane(), true, any.sentBytes(), any.receivedBytes(), any.durationNs(),
                any.sourceWindowNs(), any.destinationWindowNs(), any.throughputBitsPerSecond(), any.transactions(),
                any.transactionsPerSecond(), new RoundTrips(1, 2, 3, 4, 5, 6, 7, 8, 9.0, histogram()),
                new RoundTrips(1, 2, 3, 4, 5, 6, 7, 8, 9.0, histogram()),
                new EndReport.Tcp(1L << 40, 1L << 40, 1L << 40, 1L << 40, 1L << 40, 1L << 40, 1L << 40),
                new EndReport.CpuRatios(1, 1, 1, 1, 1, 1), new EndReport.CpuRatios(1, 1, 1, 1, 1, 1),
                any.intervals(), any.intervalsMissing(), any.driftedIntervals(), any.payloadErrors(),
                any.sourceOutcome(), any.destinationOutcome(), any.ofKind(), datagrams());
        RunOutcome some = values.of(RunOutcome.class);
        RunOutcome run = new RunOutcome(some.runId(), some.state(), some.reasons(), some.requestedBy(),
                RoundTripTest.spec(values), FLOWS, FLOWS, 1, 1, 1, 1, 1, flow.roundTrips(),
                flow.intendedRoundTrips(), 1L, 1, 1, 1, 1, 1, 1L,
                Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, 1, Collections.nCopies(FLOWS, flow), History.NONE,
                List.of(), hosts(), datagrams());

        int bytes = Codec.of(Topic.RUN_RESULTS).encode(ResultAvro.run(run)).length;

        assertThat(bytes).isLessThan(Topic.RUN_RESULTS.layout().maxMessageBytes());
    }

    /** A host for each flow, each of another kind. */
    private static List<HostEnvironment.Of> hosts() {
        return IntStream.range(0, FLOWS)
                .mapToObj(host -> new HostEnvironment.Of(
                        "h".repeat(124) + host,
                        new HostEnvironment("%064x".formatted(host), Collections.nCopies(
                                120, new HostEnvironment.Fact("n".repeat(40), "c".repeat(60))))))
                .toList();
    }

    private FlowLane lane() {
        FlowLane any = values.of(FlowLane.class);
        return any.source().report() == null || any.source().observed() == null
                        || any.destination().report() == null || any.destination().observed() == null
                        || any.claims().size() < 2
                ? lane()
                : new FlowLane("r".repeat(64) + ".4095", any.pair(), any.candidateId(), withHistogram(any.source()),
                        withHistogram(any.destination()), any.claims());
    }

    private static FlowEnd withHistogram(FlowEnd end) {
        EndReport report = end.report();
        if (report == null) {
            return end;
        }
        return new FlowEnd(end.role(), end.hostId(), end.address(), end.port(), end.applicationCpu(),
                end.receiveCpu(), end.observed(), null, new EndReport(
                        report.flowId(), report.role(), report.outcome(), report.message(), report.trafficStartedNs(),
                        report.windowStartedNs(), report.windowNs(), report.sentBytes(), report.receivedBytes(),
                        report.warmupSentBytes(), report.warmupReceivedBytes(), report.transactions(), histogram(),
                        histogram(),
                        report.sendCalls(), report.receiveCalls(), report.intervals(), report.driftReason(),
                        report.payloadErrors(),
                        report.firstPayloadErrorOffset(), report.tcp(), report.cpu(), report.worker(),
                        report.zeroCopy(), 1L << 40,
                        options(), KindFigures.NONE, datagrams()));
    }

    private static Datagrams datagrams() {
        return new Datagrams(1L << 40, 1L << 40, 1L << 40, 1L << 40, 1L << 40, 1L << 40, 1L << 40, 1L << 40, 1L << 40,
                1L << 40, 1L << 40);
    }

    /** As many as a worker reports, all of them asked for. */
    private static List<SocketOption> options() {
        return List.of(
                new SocketOption("TCP_NODELAY", "true", "true"),
                new SocketOption("TCP_CONGESTION", "cubic", "cubic"),
                new SocketOption("TCP_MAXSEG", "1448", "1436"),
                new SocketOption("SO_SNDBUF", "134217728", "268435456"),
                new SocketOption("SO_RCVBUF", "134217728", "268435456"),
                new SocketOption("SO_MAX_PACING_RATE", "125000000000", "125000000000"),
                new SocketOption("DSCP", "10", "10"),
                new SocketOption("IPV6_FLOWLABEL", "1048575", "1048575"),
                new SocketOption("TCP_QUICKACK", "true", "false"),
                new SocketOption("TCP_USER_TIMEOUT", "3600000", "3600000"),
                new SocketOption("TCP_NOTSENT_LOWAT", "134217728", "4294967295"),
                new SocketOption("SO_BINDTODEVICE", "enp65s0f0np0", "enp65s0f0np0"));
    }

    /** A day of round trips from 10 microseconds to 10 seconds: every bucket is in use. */
    private static OpaqueBytes histogram() {
        Histogram histogram = new Histogram(3);
        for (double ns = 10_000; ns < 1e10; ns *= 1.003) {
            histogram.recordValueWithCount((long) ns, 1 + (long) (1e9 / ns));
        }
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        byte[] bytes = new byte[length];
        buffer.get(0, bytes);
        return OpaqueBytes.of(bytes);
    }
}
