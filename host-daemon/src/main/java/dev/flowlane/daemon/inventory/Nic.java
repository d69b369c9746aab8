package dev.flowlane.daemon.inventory;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One network interface as the host record shows it.
 *
 * @param lower interfaces directly below a stacked one
 * @param driver empty when there is none or it is unknown
 * @param busAddress such as {@code 0000:03:00.0}; empty when there is none or it is unknown
 * @param numaNode -1 unknown
 * @param speedBitsPerSecond -1 unknown
 * @param mtuBytes -1 unknown
 * @param threaded whether a thread of the kernel polls it, on whatever CPU the scheduler gives it
 * @param queues the first {@value #QUEUES_MAX} of them, by number
 * @param rss null: the interface has none or does not tell
 */
public record Nic(
        String name,
        Link.Kind kind,
        List<String> lower,
        String driver,
        String busAddress,
        int numaNode,
        long speedBitsPerSecond,
        int mtuBytes,
        int rxQueues,
        int txQueues,
        boolean threaded,
        List<NicQueue> queues,
        @Nullable Rss rss) {
    /** So many queues of one interface are told. */
    static final int QUEUES_MAX = 256;

    public Nic {
        lower = List.copyOf(lower);
        queues = List.copyOf(queues);
    }
}
