package dev.flowlane.worker;

import dev.flowlane.worker.protocol.FlowSettings;

/**
 * Requests that are under way, each in a slot of its own, and in the order in which they were sent: that is the order
 * in which they time out, too. Allocates nothing.
 */
final class RequestSlots {
    static final int NONE = -1;

    private static final int MOST = FlowSettings.MAX_OUTSTANDING;

    private final long[] numbers = new long[MOST];
    private final long[] sentNs = new long[MOST];
    private final long[] intendedNs = new long[MOST];
    private final boolean[] underWay = new boolean[MOST];
    private final int[] before = new int[MOST];
    private final int[] after = new int[MOST];
    private final int[] free = new int[MOST];
    private int slots;
    private int freeCount;
    private int live;
    private int oldest;
    private int newest;

    /** All of so many slots are free. */
    void begin(int count) {
        slots = count;
        freeCount = count;
        live = 0;
        oldest = NONE;
        newest = NONE;
        for (int i = 0; i < count; i++) {
            free[i] = i;
            underWay[i] = false;
        }
    }

    boolean anyFree() {
        return freeCount > 0;
    }

    /** A free slot for a request that is about to be sent. */
    int reserve(long number, long dueNs) {
        int slot = free[--freeCount];
        numbers[slot] = number;
        intendedNs[slot] = dueNs;
        return slot;
    }

    /** The request of a reserved slot was sent; none may have been sent later so far. */
    void sent(int slot, long nowNs) {
        sentNs[slot] = nowNs;
        underWay[slot] = true;
        before[slot] = newest;
        after[slot] = NONE;
        if (newest == NONE) {
            oldest = slot;
        } else {
            after[newest] = slot;
        }
        newest = slot;
        live++;
    }

    /** Whether the request of that number is under way in that slot. */
    boolean isUnderWay(int slot, long number) {
        return slot < slots && underWay[slot] && numbers[slot] == number;
    }

    /** The slot is free again. */
    void end(int slot) {
        if (before[slot] == NONE) {
            oldest = after[slot];
        } else {
            after[before[slot]] = after[slot];
        }
        if (after[slot] == NONE) {
            newest = before[slot];
        } else {
            before[after[slot]] = before[slot];
        }
        underWay[slot] = false;
        free[freeCount++] = slot;
        live--;
    }

    /** Requests under way. */
    int live() {
        return live;
    }

    /** The slot of the request that was sent first; {@link #NONE}. */
    int oldest() {
        return oldest;
    }

    long sentNs(int slot) {
        return sentNs[slot];
    }

    long intendedNs(int slot) {
        return intendedNs[slot];
    }
}
