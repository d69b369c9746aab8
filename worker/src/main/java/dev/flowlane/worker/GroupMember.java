package dev.flowlane.worker;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.EventFd;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import org.jspecify.annotations.Nullable;

/**
 * The place of one flow end among those that {@link Multiplexer} drives: takes it through the same steps as {@link
 * FlowRunner#drive}, but never waits. Used for flow after flow.
 */
final class GroupMember implements AutoCloseable {
    private enum Stage {
        FREE,
        SETTLING,
        /** READY was said; START is to come, or traffic. */
        WAITING,
        RUNNING,
        DRAINING,
        /** Its books are still to be read. */
        OVER
    }

    /** Turns in a row, until others have theirs. */
    private static final int TURNS = 16;

    private final EventFd wake;
    private final FlowRunner runner;
    private final SharedWait wait;

    private Stage stage = Stage.FREE;
    private Flow flow = Flow.NONE;
    private @Nullable FlowLoop loop;
    private @Nullable Settling settling;
    private @Nullable Draining draining;

    /** Whether it is in the multiplexer's queue. */
    boolean queued;

    /** @param number by which epoll and ring name it */
    GroupMember(
            EventFd wake,
            Epoll epoll,
            SharedRing ring,
            int number,
            int slots,
            Buffers buffers,
            RoundTripBatch batch) {
        this.wake = wake;
        runner = new FlowRunner(wake, slots, buffers);
        wait = new SharedWait(epoll, number);
        runner.share(wait, ring.socket(number, wait), batch);
    }

    boolean isFree() {
        return stage == Stage.FREE;
    }

    /** Takes a flow end, whose thread is pinned and whose socket's options are set. */
    void take(Flow next) {
        flow = next;
        flow.meter(runner.meter());
        try {
            loop = runner.attach(flow);
            settling = new Settling(flow, runner.scratch());
            stage = Stage.SETTLING;
        } catch (RuntimeException e) {
            stage = Stage.OVER;
            close(FlowSockets.failure(e));
        }
    }

    /** Epoll says something of its socket; true when it has something to do in the queue. */
    boolean happened(int events) {
        wait.happened(events);
        return stage == Stage.RUNNING || look();
    }

    /** Something has completed in the ring; true when it has something to do in the queue. */
    boolean completed() {
        return stage == Stage.RUNNING && !wait.blocked();
    }

    /** Looks what may have changed by now; true when it has something to do in the queue. */
    boolean look() {
        switch (stage) {
            case FREE -> {}
            case SETTLING -> settle();
            case WAITING -> begin();
            case RUNNING -> {
                FlowLoop running = loop;
                if (running != null && running.due(System.nanoTime())) {
                    wait.unblock();
                }
            }
            case DRAINING -> drain();
            case OVER -> {
                if (flow.isReported()) {
                    stage = Stage.FREE;
                    flow = Flow.NONE;
                }
            }
        }
        return stage == Stage.RUNNING && !wait.blocked();
    }

    private void settle() {
        Settling current = settling;
        if (current == null || !current.over()) {
            return;
        }
        settling = null;
        Flow.End failure = current.failure();
        if (failure != null) {
            end(failure);
            return;
        }
        stage = Stage.WAITING;
        // What woke it was the settling, not yet traffic: that begins when both ends have said READY.
        wait.nothingMore();
        wait.block(Epoll.IN);
        flow.ready(FlowRunner.lane(flow.fd()));
        wake.signal();
    }

    /** A destination's first traffic is as good as START. */
    private void begin() {
        FlowLoop waiting = loop;
        boolean traffic = flow.traffic() == Role.DESTINATION && !wait.blocked();
        // Stop first: START may come with it, and before it.
        boolean stop = flow.stopRequested();
        if (waiting == null || !(flow.startRequested() || traffic)) {
            if (stop) {
                end(new Flow.End(Outcome.NEVER_STARTED, flow.stopReason(), null));
            }
            return;
        }
        stage = Stage.RUNNING;
        waiting.begin(System.nanoTime());
        wait.begin();
    }

    /**
     * Takes some turns; allocates nothing as long as the flow goes on.
     *
     * @return true when it could take more at once
     */
    boolean run() {
        FlowLoop running = loop;
        if (stage != Stage.RUNNING || running == null) {
            return false;
        }
        FlowLoop.Turn turn = FlowLoop.Turn.GO_ON;
        try {
            for (int i = 0; i < TURNS && turn == FlowLoop.Turn.GO_ON && !wait.blocked(); i++) {
                turn = running.turn();
            }
            if (turn == FlowLoop.Turn.GO_ON) {
                return !wait.blocked();
            }
            Flow.End end = runner.over(flow, running, turn);
            if (end == null) {
                draining = new Draining(flow, running, runner.scratch());
                stage = Stage.DRAINING;
                wait.over();
                drain();
            } else {
                end(end);
            }
        } catch (RuntimeException e) {
            end(FlowSockets.failure(e));
        }
        return false;
    }

    private void drain() {
        Draining current = draining;
        Flow.End end = current == null ? null : current.look();
        if (end != null) {
            draining = null;
            end(end);
        }
    }

    private void end(Flow.End how) {
        stage = Stage.OVER;
        Flow.End end = how;
        try {
            runner.meter().readFinalTcpInfo();
            flow.applied(FlowSockets.readBack(flow, runner.hugePageBytes()));
        } catch (RuntimeException e) {
            end = FlowSockets.failure(e);
        }
        runner.detach();
        loop = null;
        close(end);
    }

    private void close(Flow.End end) {
        flow.ended(FlowSockets.close(flow, end));
        wake.signal();
    }

    @Override
    public void close() {
        runner.close();
    }
}
