package dev.flowlane.core.run;

import dev.flowlane.core.spec.RunSpec;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/** One connection of a run's attempt with the workers at its ends: what really happens, whatever is known of it. */
final class SimFlow {
    /** One worker. */
    static final class End {
        final SimFlow flow;
        final SimHost host;
        final HostOrder.Assignment assignment;
        /** The worker hangs: it goes on until it is killed, whatever it is told. */
        boolean stuck;
        Instant startedAt = FleetDriver.START;
        /** Traffic may be under way. */
        boolean running;
        boolean over;
        /** The coordinator has believed its host lost while it ran: nothing keeps others off its CPU any more. */
        boolean orphan;
        /** Whether the flow left its lane in the measured window. */
        boolean drifted;
        /** The connection as its host reported it. */
        @Nullable CandidateReport candidate;
        @Nullable EndReport report;

        End(SimFlow flow, SimHost host, HostOrder.Assignment assignment) {
            this.flow = flow;
            this.host = host;
            this.assignment = assignment;
        }

        FlowRole role() {
            return assignment.role();
        }
    }

    private static final OpaqueBytes ONE_ROUND_TRIP = oneRoundTrip();

    private static OpaqueBytes oneRoundTrip() {
        Histogram histogram = new Histogram(3);
        histogram.recordValue(50_000);
        return Histograms.encode(histogram);
    }

    final String runId;
    final int attempt;
    final String flowId;
    final RunSpec spec;
    @Nullable End source;
    @Nullable End destination;
    /** Whether everything went as a clean run goes. */
    boolean clean = true;
    private final SimBus bus;
    private long sentBytes;

    SimFlow(String runId, int attempt, String flowId, RunSpec spec, SimBus bus) {
        this.runId = runId;
        this.attempt = attempt;
        this.flowId = flowId;
        this.spec = spec;
        this.bus = bus;
    }

    void start(End end) {
        if (end.running || end.over) {
            return;
        }
        end.running = true;
        end.startedAt = bus.now;
        end.stuck = bus.chance(0.01);
        double drifts =
                switch (spec.conduct().onDrift()) {
                    case REPORT -> 0.02;
                    case REHUNT -> 0.2;
                };
        if (bus.chance(drifts)) {
            bus.after(bus.between(0, spec.warmup().plus(spec.duration()).toMillis()), () -> drift(end));
        }
        switch (end.role()) {
            case SOURCE -> bus.after(spec.warmup().plus(spec.duration()), () -> finish(end, EndOutcome.DONE));
            case DESTINATION -> {
                End peer = source;
                if (peer != null && peer.over) {
                    ended(end, peer);
                }
            }
        }
        bus.after(Bounds.running(spec).minusSeconds(2), () -> finish(end, EndOutcome.TIMED_OUT));
    }

    private void drift(End end) {
        if (end.running && !end.over) {
            int seq = (int) Duration.between(end.startedAt, bus.now).dividedBy(spec.interval());
            boolean warmup = seq < Math.ceilDiv(spec.warmup().toNanos(), spec.interval().toNanos());
            end.drifted |= !warmup;
            end.host.drifted(
                    end, new LaneDrift(flowId, end.role(), seq, warmup, LaneDrift.Kind.RECEIVE_CPU, "1", "3"));
        }
    }

    /** The end is over for this reason; its peer notices. */
    void finish(End end, EndOutcome outcome) {
        if (end.over) {
            return;
        }
        if (end.stuck) {
            clean = false;
            return;
        }
        end.over = true;
        end.running = false;
        clean &= outcome == EndOutcome.DONE;
        if (end.role() == FlowRole.SOURCE) {
            sentBytes = 1_000_000L + bus.random().nextInt(1_000_000);
        }
        end.report = report(end, outcome);
        bus.after(bus.between(1, 200), () -> end.host.report(end));
        noticedByPeer(end);
    }

    /** The worker dies and nobody is told. */
    void kill(End end) {
        if (!end.over) {
            end.over = true;
            end.running = false;
            clean = false;
            noticedByPeer(end);
        }
    }

    private void noticedByPeer(End end) {
        End peer = end.role() == FlowRole.SOURCE ? destination : source;
        if (peer != null && peer.running) {
            bus.after(bus.between(1, 50), () -> {
                if (peer.running) {
                    ended(peer, end);
                }
            });
        }
    }

    /** What an end makes of the other one being over. */
    private void ended(End left, End gone) {
        EndReport told = gone.report;
        boolean regular = left.role() == FlowRole.DESTINATION
                && told != null
                && (told.outcome() == EndOutcome.DONE || told.outcome() == EndOutcome.STOPPED);
        finish(left, regular ? EndOutcome.DONE : EndOutcome.PEER_GONE);
    }

    private EndReport report(End end, EndOutcome outcome) {
        int expected = Outcomes.intervals(spec);
        boolean done = outcome == EndOutcome.DONE;
        int dropped = done && bus.chance(0.01) ? 1 : 0;
        // Some are seen in the last interval, when there is no time to tell of them before the report.
        int drifted = end.drifted || (done && bus.chance(0.01)) ? 1 : 0;
        boolean lossy = done && end.role() == FlowRole.DESTINATION && bus.chance(0.01);
        clean &= dropped == 0 && drifted == 0 && !lossy;
        long received = end.role() == FlowRole.DESTINATION ? sentBytes - (lossy ? 1 : 0) : 0;
        long sent = end.role() == FlowRole.SOURCE ? sentBytes : 0;
        boolean asking = spec.traffic().hasRoundTrips();
        int published = done ? expected - dropped : 0;
        return new Reports(
                        outcome,
                        done ? null : "simulated",
                        1,
                        done ? spec.duration().toNanos() : 0,
                        sent,
                        received,
                        asking ? 1 : 0,
                        asking && done ? ONE_ROUND_TRIP : null,
                        new EndReport.Intervals(expected, published, dropped, published, drifted),
                        0,
                        null)
                .of(flowId, end.role());
    }
}
