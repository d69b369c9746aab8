package dev.flowlane.daemon.machine;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.SocketOptions;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** What the coordinator wants done, without the envelope ({@link Command}). */
public sealed interface Order {

    /** Accept data connections of the run, at most so many. */
    record Expect(RunKey key, int candidatesMax) implements Order {}

    /**
     * Open candidate connections.
     *
     * @param flowsPerPair flows wanted to each destination host, so that workers can be started meanwhile
     * @param datagrams whether the traffic will go over UDP
     * @param close candidates of earlier orders that cannot become flows any more, closed before others are opened
     */
    record Connect(
            RunKey key,
            List<Target> targets,
            SocketOptions options,
            boolean datagrams,
            int flowsPerPair,
            List<Integer> close)
            implements Order {
        /** For traffic over TCP. */
        public Connect(
                RunKey key, List<Target> targets, SocketOptions options, int flowsPerPair, List<Integer> close) {
            this(key, targets, options, false, flowsPerPair, close);
        }

        public Connect {
            targets = List.copyOf(targets);
            close = List.copyOf(close);
        }
    }

    /**
     * Give the chosen connections to workers and close the run's others.
     *
     * @param housekeeping CPUs that no lane claims; null: none is free
     */
    record Assign(
            List<Assignment> flowEnds, FlowSettings settings, @Nullable CpuSet housekeeping)
            implements Order {
        public Assign {
            flowEnds = List.copyOf(flowEnds);
        }
    }

    record Start() implements Order {}

    record Stop(String reason) implements Order {}

    record Release(String reason) implements Order {}

    /**
     * {@code count} candidates, numbered from {@code firstCandidateId} on, all from and to the same address.
     *
     * @param sourcePorts ports to bind to, one for each candidate in order; empty: the kernel chooses
     */
    record Target(
            String destinationHostId,
            Endpoint destination,
            String sourceAddress,
            int firstCandidateId,
            int count,
            List<Integer> sourcePorts) {
        public Target {
            sourcePorts = List.copyOf(sourcePorts);
        }

        /** Where the candidate of this place among the {@code count} comes from; port 0: the kernel chooses. */
        Endpoint source(int index) {
            return new Endpoint(sourceAddress, sourcePorts.isEmpty() ? 0 : sourcePorts.get(index));
        }
    }

    /**
     * One flow end of this host.
     *
     * @param applicationCpu CPU to pin its I/O thread to; -1 unpinned
     * @param peerApplicationCpu application CPU of the other end when it is on this machine, else -1
     */
    record Assignment(
            FlowEndId end, int candidateId, int applicationCpu, int peerApplicationCpu, String peerHostId) {
        CandidateKey candidate() {
            return new CandidateKey(candidateId, end.role());
        }
    }

    /** As in HostCommand.avsc. */
    default String type() {
        return switch (this) {
            case Expect _ -> "EXPECT";
            case Connect _ -> "CONNECT";
            case Assign _ -> "ASSIGN";
            case Start _ -> "START";
            case Stop _ -> "STOP";
            case Release _ -> "RELEASE";
        };
    }
}
