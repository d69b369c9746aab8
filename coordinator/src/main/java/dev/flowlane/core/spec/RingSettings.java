package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

/**
 * What the engine io-uring makes use of; null: where it is known to pay and can be had.
 *
 * @param multishotReceive one request for any number of receives, into buffers that the kernel picks
 * @param registeredBuffers payload goes from and into memory that is pinned once, not in every call
 */
public record RingSettings(@Nullable Boolean multishotReceive, @Nullable Boolean registeredBuffers) {
    /** Where it pays. */
    public static final RingSettings AUTO = new RingSettings(null, null);

    /** Largest receive into buffers that the kernel picks: a flow end has several of them. */
    static final int MULTISHOT_BYTES_MAX = 1 << 20;
}
