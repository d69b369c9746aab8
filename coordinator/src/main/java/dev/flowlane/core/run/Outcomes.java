package dev.flowlane.core.run;

import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Traffic;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Results: sums, rates and percentiles of what the ends reported. What they are worth is {@link Verdict}'s to say. */
final class Outcomes {
    private static final double NS_PER_SECOND = 1e9;

    private Outcomes() {}

    /** The result of a run whose ends were started, or could have been. */
    static RunOutcome of(RunRecord run, RunState.Finishing finishing, Turn turn) {
        RoundTripSum roundTrips = new RoundTripSum();
        RoundTripSum intended = new RoundTripSum();
        List<FlowOutcome> flows = finishing.flows().stream()
                .map(flow -> flow(run.spec(), flow, roundTrips, intended))
                .toList();
        Verdict verdict = Verdict.of(run.spec(), flows, finishing);
        return outcome(
                run,
                verdict.state(),
                verdict.reasons(),
                flows,
                roundTrips.merged(),
                intended.merged(),
                run.history().measuredBefore() ? null : submitToTrafficNs(run, finishing.flows(), turn),
                turn);
    }

    /** The result of a run that never came so far. */
    static RunOutcome withoutTraffic(RunRecord run, StateName state, List<String> reasons, Turn turn) {
        return outcome(run, state, reasons, List.of(), null, null, null, turn);
    }

    private static RunOutcome outcome(
            RunRecord run,
            StateName state,
            List<String> reasons,
            List<FlowOutcome> flows,
            @Nullable RoundTrips roundTrips,
            @Nullable RoundTrips intendedRoundTrips,
            @Nullable Long submitToTrafficNs,
            Turn turn) {
        return new RunOutcome(
                run.runId(),
                state,
                reasons,
                run.requestedBy(),
                run.spec(),
                (int) Math.min(Integer.MAX_VALUE, run.spec().flowCount()),
                (int) flows.stream().filter(FlowOutcome::measured).count(),
                flows.stream().mapToLong(FlowOutcome::sentBytes).sum(),
                flows.stream().mapToLong(FlowOutcome::receivedBytes).sum(),
                flows.stream().mapToDouble(FlowOutcome::throughputBitsPerSecond).sum(),
                flows.stream().mapToLong(FlowOutcome::transactions).sum(),
                flows.stream().mapToDouble(FlowOutcome::transactionsPerSecond).sum(),
                roundTrips,
                intendedRoundTrips,
                retransmitted(flows),
                flows.stream().mapToLong(FlowOutcome::payloadErrors).sum(),
                flows.stream().mapToInt(FlowOutcome::intervals).sum(),
                flows.stream().mapToInt(FlowOutcome::intervalsMissing).sum(),
                flows.stream().mapToInt(FlowOutcome::driftedIntervals).sum(),
                run.candidatesOpened(),
                submitToTrafficNs,
                run.submittedAt(),
                run.startedAt(),
                turn.now(),
                turn.epoch(),
                flows,
                run.history(),
                List.of(),
                environments(run.spec(), turn),
                Datagrams.sum(flows.stream().map(FlowOutcome::datagrams).toList()));
    }

    /** Of the hosts of the spec, in its order; one that is not known has none. */
    private static List<HostEnvironment.Of> environments(RunSpec spec, Turn turn) {
        return Stream.concat(spec.sources().stream(), spec.destinations().stream())
                .distinct()
                .map(hostId -> {
                    HostView host = turn.host(hostId);
                    return new HostEnvironment.Of(
                            hostId, host == null ? HostEnvironment.UNKNOWN : host.announced().environment());
                })
                .toList();
    }

    private static @Nullable Long retransmitted(List<FlowOutcome> flows) {
        long sum = 0;
        for (FlowOutcome flow : flows) {
            Long segments = flow.sourceTcp().retransmittedSegments();
            if (segments == null) {
                return null;
            }
            sum += segments;
        }
        return flows.isEmpty() ? null : sum;
    }

    private static FlowOutcome flow(
            RunSpec spec, FlowLane flow, RoundTripSum roundTrips, RoundTripSum intended) {
        EndReport source = reported(flow.source());
        EndReport destination = reported(flow.destination());
        boolean reverse = spec.course().reverse();
        EndReport sender = reverse ? destination : source;
        EndReport receiver = reverse ? source : destination;
        long receiveNs = receiveWindowNs(receiver);
        return new FlowOutcome(
                flow,
                complete(source) && complete(destination),
                sender.sentBytes(),
                receiver.receivedBytes(),
                spec.traffic().timed() ? sender.windowNs() : receiveNs,
                source.windowNs(),
                destination.windowNs(),
                perSecond(receiver.receivedBytes() * 8.0, receiveNs),
                sender.transactions(),
                perSecond((double) sender.transactions(), sender.windowNs()),
                roundTrips.add(sender.roundTripHistogram()),
                intended.add(sender.intendedRoundTripHistogram()),
                sender.tcp(),
                source.cpu(),
                destination.cpu(),
                source.intervals().measured() + destination.intervals().measured(),
                missing(spec, source) + missing(spec, destination),
                source.intervals().drifted() + destination.intervals().drifted(),
                source.payloadErrors() + destination.payloadErrors(),
                source.outcome(),
                destination.outcome(),
                new KindOutcome(
                        sender.ofKind().windowEnd(),
                        backward(spec, source, destination),
                        source.ofKind().failedConnections(),
                        source.ofKind().portlessConnections(),
                        source.ofKind().connections(),
                        destination.ofKind().connections(),
                        source.ofKind().receiveDelay(),
                        destination.ofKind().receiveDelay()),
                datagrams(source, destination));
    }

    private static KindOutcome.@Nullable Backward backward(RunSpec spec, EndReport source, EndReport destination) {
        return switch (spec.traffic()) {
            case Traffic.Stream _, Traffic.RequestResponse _, Traffic.ConnectRequestResponse _,
                    Traffic.DatagramStream _, Traffic.DatagramRequestResponse _ -> null;
            case Traffic.Bidirectional() -> new KindOutcome.Backward(
                    destination.sentBytes(),
                    source.receivedBytes(),
                    perSecond(source.receivedBytes() * 8.0, receiveWindowNs(source)),
                    destination.ofKind().windowEnd());
        };
    }

    /** Of an end that also sends, only the part of its window in which there was something to receive. */
    private static long receiveWindowNs(EndReport report) {
        Long receiveNs = report.ofKind().receiveWindowNs();
        return receiveNs == null ? report.windowNs() : receiveNs;
    }

    /** Jitter is the destination's: a source has only that of its own requests' echoes. */
    private static @Nullable Datagrams datagrams(EndReport source, EndReport destination) {
        return Datagrams.sum(Arrays.asList(source.datagrams(), destination.datagrams()));
    }

    private static EndReport reported(FlowEnd end) {
        EndReport report = end.report();
        return report == null ? EndReport.unreported("", end.role(), "") : report;
    }

    private static boolean complete(EndReport report) {
        return report.outcome() == EndOutcome.DONE && report.windowNs() > 0;
    }

    private static double perSecond(double amount, long windowNs) {
        return windowNs <= 0 ? 0 : amount * NS_PER_SECOND / windowNs;
    }

    private static int missing(RunSpec spec, EndReport report) {
        return Math.max(0, intervals(spec, report) - report.intervals().published());
    }

    /** Intervals that an end should have: where its course may end it before its time, those that it came to. */
    static int intervals(RunSpec spec, EndReport report) {
        int most = intervals(spec);
        return spec.course().limited() && report.outcome() == EndOutcome.DONE
                ? Math.min(most, report.intervals().expected())
                : most;
    }

    /** Intervals of one end of a clean run: those of the warm-up and those of the measured window, each rounded up. */
    static int intervals(RunSpec spec) {
        return Math.toIntExact(ceil(spec.warmup(), spec.interval()) + ceil(spec.duration(), spec.interval()));
    }

    private static long ceil(Duration length, Duration interval) {
        return Math.ceilDiv(length.toNanos(), interval.toNanos());
    }

    private static @Nullable Long submitToTrafficNs(RunRecord run, List<FlowLane> flows, Turn turn) {
        return flows.stream()
                .map(FlowLane::source)
                .map(source -> startedNs(source, turn))
                .filter(Objects::nonNull)
                .min(Long::compare)
                .map(startedNs -> Math.max(0, startedNs - ns(run.submittedAt())))
                .orElse(null);
    }

    /**
     * First payload byte by the broker's clock; null when there was none, or when the two clocks were never compared.
     */
    private static @Nullable Long startedNs(FlowEnd source, Turn turn) {
        EndReport report = source.report();
        HostView host = turn.host(source.hostId());
        Long offsetNs = host == null ? null : host.brokerClockOffsetNs();
        return report == null || report.trafficStartedNs() == 0 || offsetNs == null
                ? null
                : (Long) (report.trafficStartedNs() + offsetNs);
    }

    private static long ns(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }
}
