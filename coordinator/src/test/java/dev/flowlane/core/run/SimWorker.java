package dev.flowlane.core.run;

import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FromWorker;
import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** A worker process: what its daemon asks of it it does, or hangs, or dies. */
final class SimWorker {
    private final SimHost host;
    private final SimBus bus;
    private final int id;
    private final int pid;
    private SimFlow.@Nullable End end;
    private boolean dead;

    SimWorker(SimHost host, SimBus bus, int id, int pid) {
        this.host = host;
        this.bus = bus;
        this.id = id;
        this.pid = pid;
    }

    void spawned() {
        bus.after(bus.between(20, 900), () -> {
            if (bus.chance(0.01)) {
                die("exit code 1");
            } else {
                warm();
            }
        });
    }

    private void warm() {
        if (host.isShared(this)) {
            bus.after(bus.between(1, 60), this::warm);
        } else if (!dead) {
            host.hear(this, new Input.WorkerWarm(id, pid));
        }
    }

    void assign(Effect.AssignWorker order, SimPlane.Connection connection, SimFlow flow) {
        if (!dead) {
            SimFlow.End mine = new SimFlow.End(
                    flow, host, this, order.assignment(), connection.candidate(order.assignment().end().role()));
            end = mine;
            host.world.began(mine);
            flow.join(mine);
        }
    }

    /** Pinned and settled; where the flow is really received shows only now. */
    void ready() {
        SimFlow.End mine = end;
        if (dead || mine == null) {
            return;
        }
        Order.Assignment assignment = mine.assignment;
        int application = Math.max(0, assignment.applicationCpu());
        Steering steering = mine.candidate.steering();
        int receive =
                switch (steering) {
                    case UNKNOWN, HASHED ->
                        bus.chance(0.02) ? host.plane.anyQueueCpu() : mine.candidate.receiveCpu();
                    case FOLLOWS_RECEIVER -> application;
                    case FOLLOWS_SENDER ->
                        assignment.peerApplicationCpu() >= 0 && bus.random().nextBoolean()
                                ? assignment.peerApplicationCpu()
                                : application;
                };
        host.hear(this, new Input.WorkerReady(
                id, new FromWorker.Ready(application, receive, Integer.toString(application), pid)));
    }

    void start() {
        SimFlow.End mine = end;
        if (!dead && mine != null) {
            mine.flow.start(mine);
        }
    }

    void stop(String reason) {
        SimFlow.End mine = end;
        if (!dead && mine != null) {
            bus.after(bus.between(0, 5), () -> mine.flow.stop(mine, reason));
        }
    }

    void interval(SimTelemetry.Interval interval) {
        if (!dead) {
            host.hearInterval(this, id, interval);
        }
    }

    void ended(EndReport report) {
        if (!dead) {
            host.hear(this, new Input.WorkerEnded(id, report));
            end = null;
            bus.after(bus.between(1, 60), this::warm);
        }
    }

    /** SIGKILL: the kernel has it at once, the daemon hears of it a little later. */
    void die(String how) {
        if (dead) {
            return;
        }
        dead = true;
        SimFlow.End mine = end;
        if (mine != null) {
            mine.flow.gone(mine);
        }
        bus.after(bus.between(1, 30), () -> host.hearGone(this, new Input.WorkerGone(id, how)));
    }

    /**
     * The kernel kills it because its daemon has died (PR_SET_PDEATHSIG): before a next daemon can have said a word,
     * which takes one at least 100 ms here and a second in life. What that one says is believed: it holds nothing.
     */
    void orphaned() {
        Duration delay = bus.between(0, 100);
        bus.after(delay, () -> die("its daemon is gone"));
    }

    boolean isDead() {
        return dead;
    }

    int id() {
        return id;
    }

    int pid() {
        return pid;
    }
}
