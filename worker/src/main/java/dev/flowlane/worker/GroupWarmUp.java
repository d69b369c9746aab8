package dev.flowlane.worker;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;

/**
 * What {@link WarmUp} is for one flow end at a time, for several on one thread: both ends of some flows are driven by
 * one {@link Multiplexer}, which is the one that will drive others afterwards.
 */
final class GroupWarmUp {
    private static final long BUDGET_NS = 1_500_000_000L;
    private static final long FLOW_NS = 20_000_000;
    private static final long TICK_NS = 1_000_000;
    private static final long DRAIN_NS = 500_000_000;
    private static final int QUIET_ROUNDS = 2;
    private static final int PAIRS = 2;

    /** Small enough that a stream's source often finds no room. */
    private static final int SEND_BUFFER_BYTES = 40_000;

    private GroupWarmUp() {}

    /**
     * Compiles the loops of such flows that are not among the warm ones yet, on the thread that will use them.
     *
     * @param multiplexer without a flow end
     * @param warm is added to
     */
    static void ensure(Multiplexer multiplexer, FlowSettings settings, Set<LoopKind> warm) {
        LoopKind kind = LoopKind.of(settings);
        if (warm.contains(kind)) {
            return;
        }
        long giveUpNs = System.nanoTime() + BUDGET_NS;
        Compilers compilers = new Compilers();
        int quiet = 0;
        try (UnheardSeats seats = new UnheardSeats(2 * PAIRS)) {
            while (quiet < QUIET_ROUNDS && System.nanoTime() - giveUpNs < 0) {
                round(multiplexer, settings, seats);
                quiet = compilers.quiet() ? quiet + 1 : 0;
            }
        }
        warm.add(kind);
        System.gc();
    }

    private static void round(Multiplexer multiplexer, FlowSettings like, UnheardSeats seats) {
        boolean stream = like.kind() == TrafficKind.STREAM;
        FlowSettings settings = new FlowSettings(
                        like.kind(),
                        1,
                        1,
                        like.outstanding(),
                        null,
                        FLOW_NS,
                        FlowSettings.MIN_INTERVAL_NS,
                        FlowSettings.MIN_INTERVAL_NS,
                        like.engine(),
                        Buffers.DEFAULT_BYTES,
                        Buffers.DEFAULT_BYTES,
                        true,
                        false,
                        false,
                        SocketOptions.DEFAULT,
                        DRAIN_NS,
                        DRAIN_NS)
                .withReceiveTimestamps(like.receiveTimestamps())
                .withFlowsPerWorker(PAIRS);
        Queue<Flow> flows = new ArrayDeque<>();
        for (int i = 0; i < PAIRS; i++) {
            SocketPair pair = Sockets.socketPair();
            if (stream) {
                Sockets.setSendBuffer(pair.first(), SEND_BUFFER_BYTES);
            }
            flows.add(flow(Role.SOURCE, settings, pair.first()));
            flows.add(flow(Role.DESTINATION, settings, pair.second()));
        }
        int seat = 0;
        for (Flow flow : flows) {
            seats.take(seat++, flow);
        }
        multiplexer.take(flows.remove());
        multiplexer.run(TICK_NS, () -> {
            seats.look();
            // The others come while it runs, as from a daemon: a branch never taken is compiled as if it never were.
            return flows.poll();
        });
    }

    private static Flow flow(Role role, FlowSettings settings, int fd) {
        return new Flow(new ToWorker.Assign("warm-up", role, settings, -1, null), fd);
    }
}
