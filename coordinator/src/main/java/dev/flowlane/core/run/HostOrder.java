package dev.flowlane.core.run;

import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** What a daemon is told about one run. */
public sealed interface HostOrder {

    /** As the bus calls it. */
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

    /**
     * Accept data connections of this run.
     *
     * @param runKey 32 bytes that both ends prove to know
     * @param candidatesMax more connections than this are refused
     */
    record Expect(OpaqueBytes runKey, int candidatesMax) implements HostOrder {}

    /**
     * Open candidate connections.
     *
     * @param close candidates of earlier orders that cannot become flows any more, closed before others are opened
     */
    record Connect(OpaqueBytes runKey, List<ConnectTarget> targets, RunSpec spec, List<Integer> close)
            implements HostOrder {
        public Connect {
            targets = List.copyOf(targets);
            close = List.copyOf(close);
        }
    }

    /** Give the chosen candidates to workers and close the others. */
    record Assign(RunSpec spec, List<Assignment> flowEnds, @Nullable CpuSet housekeepingCpus) implements HostOrder {
        public Assign {
            flowEnds = List.copyOf(flowEnds);
        }
    }

    /** Begin. */
    record Start() implements HostOrder {}

    /** End early, and report. */
    record Stop(String reason) implements HostOrder {}

    /** Forget everything of the run. */
    record Release(String reason) implements HostOrder {}

    /**
     * One destination to connect to.
     *
     * @param sourceAddress IP address to bind to
     * @param firstCandidateId candidates are numbered from here
     * @param sourcePorts ports to bind to, one for each candidate in order; empty: the kernel chooses
     */
    record ConnectTarget(
            String destinationHostId,
            String destinationAddress,
            int destinationPort,
            String sourceAddress,
            int firstCandidateId,
            int candidateCount,
            List<Integer> sourcePorts) {
        public ConnectTarget {
            sourcePorts = List.copyOf(sourcePorts);
        }
    }

    /**
     * One flow end for a worker.
     *
     * @param applicationCpu CPU to pin the I/O thread to; -1 unpinned
     * @param peerApplicationCpu application CPU of the other end when it is on the same machine, else -1
     */
    record Assignment(
            String flowId,
            FlowRole role,
            int candidateId,
            int applicationCpu,
            int peerApplicationCpu,
            String peerHostId) {}
}
