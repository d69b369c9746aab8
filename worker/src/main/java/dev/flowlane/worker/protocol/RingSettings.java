package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What {@link Engine#IO_URING} makes use of; null: where it is known to pay and can be had. What was used is reported
 * among the {@link AppliedOption}s.
 *
 * @param multishotReceive one request for any number of receives, into buffers that the kernel picks
 * @param registeredBuffers payload goes from and into memory that is pinned once, not in every call
 */
public record RingSettings(@Nullable Boolean multishotReceive, @Nullable Boolean registeredBuffers) {
    /** Where it pays. */
    public static final RingSettings AUTO = new RingSettings(null, null);

    /** Largest receive into buffers that the kernel picks: there are several of them. */
    public static final int MAX_MULTISHOT_BYTES = 1 << 20;

    boolean asked() {
        return Boolean.TRUE.equals(multishotReceive) || Boolean.TRUE.equals(registeredBuffers);
    }
}
