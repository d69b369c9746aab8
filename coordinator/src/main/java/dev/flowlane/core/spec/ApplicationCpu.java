package dev.flowlane.core.spec;

import dev.flowlane.posix.CpuSet;

/** How the CPU that a worker is pinned to follows from the flow's receive CPU. */
public sealed interface ApplicationCpu {
    /** The receive CPU itself. */
    record SameCore() implements ApplicationCpu {}

    /** Receive CPU plus {@code offset}; not zero. No wrap-around: a CPU the host does not have does not count. */
    record Offset(int offset) implements ApplicationCpu {}

    /** Any CPU of the list, at both ends. */
    record Explicit(CpuSet cpus) implements ApplicationCpu {}

    /** Wherever the scheduler puts it; no application CPU is claimed. */
    record Unpinned() implements ApplicationCpu {}
}
