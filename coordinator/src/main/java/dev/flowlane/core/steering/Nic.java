package dev.flowlane.core.steering;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What of an interface decides the receive CPU.
 *
 * @param lower interfaces directly below a stacked one
 * @param rxQueues how many receive queues it has; {@code queues} may tell of fewer
 * @param hashing null unknown
 */
public record Nic(
        String name,
        Kind kind,
        List<String> lower,
        int rxQueues,
        List<RxQueue> queues,
        @Nullable Hashing hashing) {

    /** What stands behind it. */
    public enum Kind {
        /** A device with receive queues and interrupts. */
        DEVICE,
        /** Rests on others: VLAN, bond, bridge. */
        STACKED,
        /** Loopback, veth and the like: packets arrive on the CPU that sent them. */
        SOFTWARE
    }

    public Nic {
        lower = List.copyOf(lower);
        queues = List.copyOf(queues);
    }
}
