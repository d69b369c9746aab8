package dev.flowlane.core.spec;

import dev.flowlane.posix.CpuSet;

/** How the CPU that a worker is pinned to follows from the flow's receive CPU. */
public sealed interface ApplicationCpu {
    /** The receive CPU itself. */
    record SameCore() implements ApplicationCpu {}

    /** Receive CPU plus {@code offset}; not zero. No wrap-around: a CPU the host does not have does not count. */
    record Offset(int offset) implements ApplicationCpu {}

    /**
     * The receive CPU of the flow's partner. Flows of a host pair are coupled two by two, in flow order, and swap at
     * both ends; so their number per pair is even. Both flows of a couple claim both receive CPUs of each end, and
     * share them with each other and with nobody else: under {@link Exclusive#STRICT} a couple keeps what otherwise a
     * flow keeps, under {@link Exclusive#PER_SIDE} receive CPUs are exclusive flow by flow, as always.
     */
    record Cross() implements ApplicationCpu {}

    /** Any CPU of the list, at both ends. */
    record Explicit(CpuSet cpus) implements ApplicationCpu {}

    /**
     * A CPU of another core on the NUMA node of the receive CPU, isolated ones first. Its core belongs to the flow
     * alone, so it goes with {@link Smt#AVOID}. CPUs whose node is not known count as one node.
     */
    record NumaLocal() implements ApplicationCpu {}

    /** Wherever the scheduler puts it; no application CPU is claimed. */
    record Unpinned() implements ApplicationCpu {}
}
