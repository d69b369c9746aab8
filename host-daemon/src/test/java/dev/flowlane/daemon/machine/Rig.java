package dev.flowlane.daemon.machine;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TrafficKind;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A machine with a clock that is turned by hand, and what it did. */
final class Rig {
    static final String RUN = "run-1";
    static final RunRef REF = new RunRef(RUN, 1);
    static final RunKey KEY = new RunKey(Bytes.copyOf(new byte[32]));
    static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    static final long SECOND_NS = 1_000_000_000L;
    static final FlowEndId SOURCE = new FlowEndId("run-1.0", Role.SOURCE);

    HostState state;
    long nowNs = 1;
    Instant brokerTime = NOON;
    long epoch = 7;
    int attempt = 1;
    final Map<TimerKey, Long> timers = new HashMap<>();
    private final List<Effect> effects = new ArrayList<>();
    private int commands;
    private int pids = 1000;

    private Rig(int warmWorkers, int maxWorkers) {
        state = HostState.initial(new HostLimits(CpuSet.parse("0-3"), warmWorkers, maxWorkers, 64));
        give(new Input.Started());
    }

    static Rig of(int warmWorkers) {
        return new Rig(warmWorkers, 8);
    }

    static Rig of(int warmWorkers, int maxWorkers) {
        return new Rig(warmWorkers, maxWorkers);
    }

    /** One step; its effects replace those before. */
    List<Effect> give(Input input) {
        Step step = HostMachine.step(state, input, nowNs);
        state = step.state();
        effects.clear();
        effects.addAll(step.effects());
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.ArmTimer(TimerKey key, long deadlineNs) -> timers.put(key, deadlineNs);
                case Effect.CancelTimer(TimerKey key) -> timers.remove(key);
                default -> {}
            }
        }
        return List.copyOf(effects);
    }

    List<Effect> order(Order order) {
        return order(order, null);
    }

    List<Effect> order(Order order, @Nullable Instant expiresAt) {
        return give(new Input.CommandReceived(
                new Command("c" + commands++, RUN, attempt, epoch, expiresAt, order), brokerTime));
    }

    /** Turns the clock to the timer and lets it fire. */
    List<Effect> fire(TimerKey key) {
        Long deadlineNs = timers.remove(key);
        if (deadlineNs == null) {
            throw new AssertionError(key + " is not armed, armed are " + timers.keySet());
        }
        nowNs = Math.max(nowNs, deadlineNs);
        return give(new Input.TimerFired(key));
    }

    /** How long until a timer fires that must be armed. */
    long untilNs(TimerKey key) {
        Long deadlineNs = timers.get(key);
        if (deadlineNs == null) {
            throw new AssertionError(key + " is not armed, armed are " + timers.keySet());
        }
        return deadlineNs - nowNs;
    }

    /** Makes every worker that is on its way warm. */
    Rig warmUp() {
        for (Map.Entry<Integer, Worker> worker : Map.copyOf(state.workers()).entrySet()) {
            if (worker.getValue() instanceof Worker.Warming) {
                give(new Input.WorkerWarm(worker.getKey(), pids++));
            }
        }
        return this;
    }

    /** A run of {@code flows} source ends with its connections open. */
    Rig connected(int flows) {
        order(connect(0, flows));
        List<Candidate> open = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            open.add(open(i, Role.SOURCE));
        }
        give(new Input.CandidatesKnown(REF, open));
        return this;
    }

    /** As {@link #connected}, with every end at a worker. */
    Rig assigned(int flows) {
        connected(flows);
        order(assign(flows));
        return this;
    }

    Rig ready(int flows) {
        assigned(flows);
        for (int worker : busy()) {
            give(saysReady(worker));
        }
        return this;
    }

    Rig running(int flows) {
        ready(flows);
        order(new Order.Start());
        return this;
    }

    List<Integer> busy() {
        return state.workers().entrySet().stream()
                .filter(worker -> worker.getValue() instanceof Worker.Busy)
                .map(Map.Entry::getKey)
                .toList();
    }

    static Input saysReady(int workerId) {
        return new Input.WorkerReady(workerId, new FromWorker.Ready(0, 1, "0", 42));
    }

    static Input ended(int workerId, Outcome outcome) {
        return new Input.WorkerEnded(
                workerId, EndReport.withoutTraffic(SOURCE.flowId(), Role.SOURCE, outcome, "", 3));
    }

    static Order.Connect connect(int first, int count) {
        return new Order.Connect(
                KEY,
                List.of(new Order.Target(
                        "host-b", new Endpoint("10.0.0.2", 7411), "10.0.0.1", first, count, List.of())),
                SocketOptions.DEFAULT,
                count,
                List.of());
    }

    static Order.Assign assign(int flows) {
        List<Order.Assignment> ends = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            ends.add(new Order.Assignment(new FlowEndId("run-1." + i, Role.SOURCE), i, i % 4, -1, "host-b"));
        }
        return new Order.Assign(ends, settings(), CpuSet.of(3));
    }

    static FlowSettings settings() {
        return new FlowSettings(
                TrafficKind.STREAM,
                1,
                1,
                1,
                null,
                2 * SECOND_NS,
                SECOND_NS,
                SECOND_NS,
                Engine.BLOCKING,
                65_536,
                65_536,
                true,
                false,
                false,
                SocketOptions.DEFAULT,
                5 * SECOND_NS,
                5 * SECOND_NS);
    }

    static Candidate open(int id, Role role) {
        return new Candidate(
                id, role, 1, Steering.HASHED, new Endpoint("10.0.0.1", 40_000 + id), new Endpoint("10.0.0.2", 7411),
                null);
    }

    static <E extends Effect> List<E> only(List<Effect> effects, Class<E> kind) {
        return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    static <N extends News> List<N> news(List<Effect> effects, Class<N> kind) {
        return only(effects, Effect.Publish.class).stream()
                .map(Effect.Publish::news)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** What became of the one command among the effects. */
    static CommandOutcome outcome(List<Effect> effects) {
        return only(effects, Effect.CountCommand.class).getFirst().outcome();
    }

    static Set<RefusalCode> refusals(List<Effect> effects) {
        return Set.copyOf(news(effects, News.Refused.class).stream()
                .map(News.Refused::code)
                .toList());
    }
}
