package dev.flowlane.core.run;

import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.Datagrams;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.KindFigures;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TcpSummary;
import dev.flowlane.worker.protocol.ThreadUse;
import dev.flowlane.worker.protocol.Traffic;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One connection of a run's attempt with the workers at its ends: what really happens, whatever is known of it. */
final class SimFlow {
    /** What one worker does with its end. */
    static final class End {
        final SimFlow flow;
        final SimHost host;
        final SimWorker worker;
        final Order.Assignment assignment;
        final Candidate candidate;
        /** Traffic may be under way. */
        boolean running;
        /** It goes on whatever it is told, and says nothing more, until it is killed. */
        boolean stuck;
        boolean over;
        /** The coordinator has believed its host lost while it ran: nothing keeps others off its CPU any more. */
        boolean orphan;
        private boolean stopped;
        private long startedWallNs;
        private int cut;
        private Traffic warmup = Traffic.NONE;
        private Traffic measured = Traffic.NONE;
        private long windowNs;

        End(SimFlow flow, SimHost host, SimWorker worker, Order.Assignment assignment, Candidate candidate) {
            this.flow = flow;
            this.host = host;
            this.worker = worker;
            this.assignment = assignment;
            this.candidate = candidate;
        }

        /** What its worker knows that its datagrams came to in the measured window. */
        Datagrams datagrams() {
            return measured.datagrams();
        }

        boolean isSource() {
            return assignment.end().role() == Role.SOURCE;
        }
    }

    private static final Bytes ONE_ROUND_TRIP = oneRoundTrip();

    private static Bytes oneRoundTrip() {
        Histogram histogram = new Histogram(3);
        histogram.recordValue(50_000);
        return Bytes.copyOf(Histograms.encode(histogram).toArray());
    }

    final String runId;
    final int attempt;
    final String flowId;
    final RunSpec spec;
    final FlowSettings settings;
    @Nullable End source;
    @Nullable End destination;
    /** Whether everything went as a clean run goes. */
    boolean clean = true;
    private final SimBus bus;
    private final SimTraffic traffic;
    /** What the source sent in each interval; the destination may not have begun to read. */
    private final List<SimTraffic.Exchange> sent = new ArrayList<>();
    private boolean sourceOver;

    SimFlow(String runId, int attempt, String flowId, RunSpec spec, FlowSettings settings, SimBus bus) {
        this.runId = runId;
        this.attempt = attempt;
        this.flowId = flowId;
        this.spec = spec;
        this.settings = settings;
        this.bus = bus;
        this.traffic = new SimTraffic(settings.kind(), bus.random());
    }

    /** Both ends settle together: neither is ready before the other is there. */
    void join(End end) {
        if (end.isSource()) {
            source = end;
        } else {
            destination = end;
        }
        End peer = peer(end);
        if (peer != null && !peer.over) {
            bus.after(bus.between(1, 150), () -> List.of(end, peer).forEach(SimFlow::ready));
        } else {
            bus.after(Duration.ofNanos(settings.settleTimeoutNs()), () -> {
                if (peer(end) == null) {
                    finish(end, Outcome.ERROR, "the other end did not settle");
                }
            });
        }
    }

    private static void ready(End end) {
        if (end.over || end.stuck) {
            return;
        }
        if (end.flow.bus.chance(0.005)) {
            end.flow.clean = false;
            end.stuck = true;
        } else {
            end.worker.ready();
        }
    }

    private @Nullable End peer(End end) {
        return end.isSource() ? destination : source;
    }

    void start(End end) {
        if (end.running || end.over || end.stuck) {
            return;
        }
        end.running = true;
        end.startedWallNs = end.host.wallNs();
        end.stuck = bus.chance(0.01);
        if (end.stuck) {
            clean = false;
        }
        if (end.isSource()) {
            cutLater(end, 0);
        } else {
            receive(end);
        }
    }

    private int expected() {
        return settings.warmupIntervals() + settings.measuredIntervals();
    }

    private boolean inWarmup(int seq) {
        return seq < settings.warmupIntervals();
    }

    private long lengthNs(int seq) {
        boolean warmup = inWarmup(seq);
        long whole = warmup ? settings.warmupNs() : settings.durationNs();
        int number = warmup ? seq : seq - settings.warmupIntervals();
        return Math.min(settings.intervalNs(), whole - number * settings.intervalNs());
    }

    private void cutLater(End end, int seq) {
        bus.after(Duration.ofNanos(lengthNs(seq)), () -> {
            if (end.over || end.stuck) {
                return;
            }
            boolean last = seq + 1 == expected();
            boolean endsPhase = last || seq + 1 == settings.warmupIntervals();
            SimTraffic.Exchange exchange = traffic.next(endsPhase, last && bus.chance(0.02));
            sent.add(exchange);
            cut(end, seq, exchange.source());
            End reader = destination;
            if (reader != null) {
                bus.after(bus.between(0, 3), () -> receive(reader));
            }
            if (last) {
                finish(end, Outcome.DONE, null);
            } else {
                cutLater(end, seq + 1);
            }
        });
    }

    /** The destination reads what there is, and comes to its end after the source did. */
    private void receive(End end) {
        if (!end.running || end.over || end.stuck) {
            return;
        }
        while (end.cut < sent.size() && !end.over) {
            SimTraffic.Exchange exchange = sent.get(end.cut);
            clean &= exchange.whole();
            cut(end, end.cut, exchange.destination());
        }
        if (sourceOver && end.cut == sent.size()) {
            finish(end, Outcome.DONE, null);
        }
    }

    private void cut(End end, int seq, Traffic traffic) {
        if (bus.chance(0.0005)) {
            // The process is gone without a word.
            end.host.dieWithProcess(end.worker, "killed by signal 9");
            return;
        }
        end.cut = seq + 1;
        if (inWarmup(seq)) {
            end.warmup = end.warmup.plus(traffic);
        } else {
            end.measured = end.measured.plus(traffic);
            end.windowNs += lengthNs(seq);
        }
        double drifts =
                switch (spec.conduct().onDrift()) {
                    case REPORT -> 0.004;
                    case REHUNT -> 0.03;
                };
        boolean drifted = bus.chance(drifts);
        clean &= !drifted || inWarmup(seq);
        end.worker.interval(new SimTelemetry.Interval(seq, inWarmup(seq), lengthNs(seq), traffic, drifted));
    }

    /** The coordinator's or the daemon's STOP reaches the worker. */
    void stop(End end, String reason) {
        if (end.over || end.stuck || end.stopped) {
            return;
        }
        end.stopped = true;
        if (!end.running) {
            finish(end, Outcome.NEVER_STARTED, reason);
        } else if (end.isSource()) {
            finish(end, Outcome.STOPPED, reason);
        } else {
            bus.after(Duration.ofNanos(settings.drainTimeoutNs()), () -> finish(end, Outcome.TIMED_OUT, reason));
        }
    }

    /** The end is over for this reason; its worker says so, and its peer notices. */
    private void finish(End end, Outcome outcome, @Nullable String message) {
        if (end.over || end.stuck) {
            return;
        }
        boolean began = end.running;
        end.over = true;
        end.running = false;
        clean &= outcome == Outcome.DONE && end.cut == expected();
        if (end.isSource()) {
            sourceOver = true;
        }
        end.worker.ended(report(end, outcome, message));
        noticed(end, began && (outcome == Outcome.DONE || outcome == Outcome.STOPPED));
    }

    /** The process is gone. */
    void gone(End end) {
        if (!end.over) {
            end.over = true;
            end.running = false;
            clean = false;
            noticed(end, false);
        }
    }

    private void noticed(End gone, boolean regular) {
        End left = peer(gone);
        if (left == null || left.over) {
            return;
        }
        bus.after(bus.between(1, 50), () -> {
            if (regular && !left.isSource()) {
                receive(left);
            } else if (left.running || !regular) {
                finish(left, Outcome.PEER_GONE, "the connection was reset");
            }
        });
    }

    private EndReport report(End end, Outcome outcome, @Nullable String message) {
        boolean asking = settings.kind().timed() && end.isSource() && end.windowNs > 0;
        return new EndReport(
                flowId,
                end.assignment.end().role(),
                outcome,
                message,
                end.cut == 0 ? 0 : end.startedWallNs,
                end.windowNs == 0 ? 0 : end.startedWallNs + settings.warmupNs(),
                end.windowNs,
                end.warmup,
                end.measured,
                asking ? ONE_ROUND_TRIP : null,
                asking && settings.timesIntended() ? ONE_ROUND_TRIP : null,
                expected(),
                end.cut,
                Math.max(0, end.cut - settings.warmupIntervals()),
                0,
                null,
                TcpSummary.UNKNOWN,
                null,
                ThreadUse.NONE,
                null,
                List.of(),
                KindFigures.NONE);
    }

    @Override
    public String toString() {
        return flowId + "#" + attempt;
    }
}
