package dev.flowlane.daemon;

import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.HostMachine;
import dev.flowlane.daemon.machine.HostState;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.machine.Step;
import dev.flowlane.daemon.machine.TimerKey;
import dev.flowlane.daemon.plane.DataPlane;
import dev.flowlane.daemon.plane.HandshakeOutcome;
import dev.flowlane.daemon.workers.WorkerProcesses;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Owns the daemon's state on one Vert.x context: every input is one step of {@link HostMachine}, whose effects are
 * carried out in order before the next. Inputs may come from any thread.
 */
final class MachineLoop implements DataPlane.Listener, WorkerProcesses.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(MachineLoop.class);
    private static final long NS_PER_MS = 1_000_000;

    /** What the loop drives. Known only after its parts have been given the loop to report to. */
    record Parts(DataPlane plane, WorkerProcesses workers, Reporting reporting) {}

    private final Vertx vertx;
    private final Context context;
    private final DaemonMetrics metrics;
    private final CompletableFuture<Void> left = new CompletableFuture<>();

    /** Below: the context's own. */
    private final Map<TimerKey, Long> timers = new HashMap<>();

    /** By worker id: done when the worker has its flow end's socket. What is said later must not overtake it. */
    private final Map<Integer, CompletableFuture<Void>> assignments = new HashMap<>();

    private @Nullable Parts parts;
    /** Written on the context; seen as a whole by whoever looks. */
    private volatile HostState state;
    private boolean yielding;

    MachineLoop(Vertx vertx, Context context, HostState initial, DaemonMetrics metrics) {
        this.vertx = vertx;
        this.context = context;
        this.state = initial;
        this.metrics = metrics;
    }

    /** Begins to work; inputs that came before are taken now. */
    void start(Parts driven) {
        context.runOnContext(_ -> {
            parts = driven;
            apply(new Input.AotCacheKnown(driven.workers().isAotCacheSettled()));
            apply(new Input.Started());
        });
    }

    /** Hands an input over. */
    void submit(Input input) {
        context.runOnContext(_ -> apply(input));
    }

    /** Done when the daemon has said goodbye. */
    CompletableFuture<Void> left() {
        return left;
    }

    /** The state now. */
    HostState state() {
        return state;
    }

    @Override
    public void candidatesKnown(RunRef run, List<Candidate> candidates) {
        submit(new Input.CandidatesKnown(run, candidates));
    }

    @Override
    public void candidateLost(RunRef run, CandidateKey candidate) {
        submit(new Input.CandidateLost(run, candidate));
    }

    @Override
    public void handshakeEnded(HandshakeOutcome outcome) {
        metrics.handshake(outcome);
    }

    @Override
    public void heard(int workerId, FromWorker message) {
        switch (message) {
            case FromWorker.Warm(int pid, int _) -> submit(new Input.WorkerWarm(workerId, pid));
            case FromWorker.Ready ready -> submit(new Input.WorkerReady(workerId, ready));
            case FromWorker.Interval(var report) ->
                context.runOnContext(_ -> {
                    running().reporting().interval(workerId, report);
                    apply(new Input.WorkerInterval(workerId, report.seq()));
                });
            case FromWorker.Ended(var report) -> submit(new Input.WorkerEnded(workerId, report));
        }
    }

    @Override
    public void gone(int workerId, String how) {
        LOG.atInfo().addKeyValue("worker", workerId).log("worker gone: {}", how);
        submit(new Input.WorkerGone(workerId, how));
    }

    @Override
    public void trained(boolean present) {
        submit(new Input.AotTrainingEnded(present));
    }

    private void apply(Input input) {
        Step step = HostMachine.step(state, input, System.nanoTime());
        state = step.state();
        if (LOG.isDebugEnabled()) {
            LOG.atDebug().log("{} -> {}", input, step.effects());
        }
        for (Effect effect : step.effects()) {
            try {
                carryOut(effect);
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).addKeyValue("effect", effect).log("an effect failed");
            }
        }
        metrics.state(state);
    }

    private Parts running() {
        if (parts == null) {
            throw new IllegalStateException("the loop has not been started");
        }
        return parts;
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Expect(RunRef run, var key, int max) -> running().plane().expect(run, key, max);
            case Effect.Connect(RunRef run, var key, var attempts, SocketOptions options, boolean datagrams) ->
                running().plane().connect(run, key, attempts, options, datagrams);
            case Effect.CloseConnections(RunRef run, var which) -> running().plane().closeConnections(run, which);
            case Effect.KeepOnly(RunRef run, var keep) -> running().plane().keepOnly(run, keep);
            case Effect.ForgetConnections(RunRef run) -> running().plane().forget(run);
            case Effect.SpawnWorker(int workerId) -> running().workers().spawn(workerId);
            case Effect.SeatWorker(int seatId, int workerId) -> running().workers().seat(seatId, workerId);
            case Effect.LeaveSeat(int seatId) -> {
                assignments.remove(seatId);
                running().workers().leave(seatId);
            }
            case Effect.AssignWorker assign -> assign(assign);
            case Effect.StartWorker(int workerId) -> tell(workerId, new ToWorker.Start());
            case Effect.StopWorker(int workerId, String reason) -> tell(workerId, new ToWorker.Stop(reason));
            case Effect.KillWorker(int workerId, String reason) -> {
                assignments.remove(workerId);
                running().workers().kill(workerId, reason);
            }
            case Effect.OpenTelemetry open -> running().reporting().open(open);
            case Effect.CloseTelemetry(RunRef run, var end) -> running().reporting().close(run, end);
            case Effect.GiveUpTelemetry(RunRef run, var end) -> running().reporting().giveUp(run, end);
            case Effect.Publish(var news) -> {
                metrics.news(news);
                running().reporting().publish(news, state.epoch());
            }
            case Effect.PublishHost(boolean online) -> running().reporting().publishHost(online);
            case Effect.UseCpus(CpuSet cpus) -> OwnThreads.moveTo(cpus);
            case Effect.TrainAotCache() -> running().workers().train();
            case Effect.AbortTraining() -> running().workers().abortTraining();
            case Effect.CountCommand(String type, var outcome) -> metrics.command(type, outcome);
            case Effect.ArmTimer(TimerKey key, long deadlineNs) -> arm(key, deadlineNs);
            case Effect.CancelTimer(TimerKey key) -> cancel(key);
            case Effect.Exit() -> left.complete(null);
        }
    }

    private void assign(Effect.AssignWorker assign) {
        if (!yielding) {
            // Not before: until there is something to measure, a slow daemon only makes for a slow start.
            yielding = true;
            OwnThreads.yieldTo(running().workers().spawnerThreadId());
        }
        int workerId = assign.workerId();
        var end = assign.assignment().end();
        CpuSet housekeeping = assign.housekeeping();
        CandidateKey candidate = new CandidateKey(assign.assignment().candidateId(), end.role());
        WorkerProcesses workers = running().workers();
        CompletableFuture<Void> told = running()
                .plane()
                .take(assign.run(), candidate)
                .thenAccept(taken -> workers.send(
                        workerId,
                        new ToWorker.Assign(
                                end.flowId(),
                                end.role(),
                                assign.settings(),
                                assign.assignment().applicationCpu(),
                                housekeeping == null ? null : housekeeping.toString(),
                                assign.settings().tls() == null ? null : taken.secret()),
                        taken.fd(),
                        taken.datagramFd()))
                .exceptionally(error -> {
                    submit(new Input.AssignFailed(workerId, text(error)));
                    return null;
                });
        assignments.put(workerId, told);
    }

    private void tell(int workerId, ToWorker message) {
        WorkerProcesses workers = running().workers();
        CompletableFuture<Void> before = assignments.getOrDefault(workerId, CompletableFuture.completedFuture(null));
        var _ = before.thenRun(() -> workers.send(workerId, message, -1, -1));
    }

    private void arm(TimerKey key, long deadlineNs) {
        cancel(key);
        long delayMs = Math.max(1, Math.ceilDiv(deadlineNs - System.nanoTime(), NS_PER_MS));
        timers.put(key, vertx.setTimer(delayMs, _ -> {
            timers.remove(key);
            apply(new Input.TimerFired(key));
        }));
    }

    private void cancel(TimerKey key) {
        Long timer = timers.remove(key);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private static String text(Throwable error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /** How long an orderly end may take before the process goes anyway. */
    static final Duration LEAVE_BOUND = Duration.ofMillis(1500);
}
