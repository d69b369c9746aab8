package dev.flowlane.worker;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Intervals from the I/O thread (the one producer) to the control thread (the one consumer). The producer always has a
 * slot to write to and never waits: when the consumer is a ringful behind, an interval is lost and
 * counted.
 */
final class IntervalRing {
    /** The usual size. */
    static final int SLOTS = 16;

    private static final VarHandle PUBLISHED = counter("published");
    private static final VarHandle CONSUMED = counter("consumed");

    private final IntervalSlot[] slots;

    @SuppressWarnings("UnusedVariable") // by its VarHandle
    private int published;

    @SuppressWarnings("UnusedVariable") // by its VarHandle
    private int consumed;

    IntervalRing(int size) {
        slots = new IntervalSlot[size];
        for (int i = 0; i < size; i++) {
            slots[i] = new IntervalSlot();
        }
    }

    /** Producer: the slot of the open interval. */
    IntervalSlot open() {
        return slots[(int) PUBLISHED.get(this) % slots.length];
    }

    /**
     * Producer: hands the open slot over.
     *
     * @return false when no other slot is free: nothing was handed over, the same slot stays open
     */
    boolean publish() {
        int next = (int) PUBLISHED.get(this) + 1;
        if (next - (int) CONSUMED.getAcquire(this) >= slots.length) {
            return false;
        }
        PUBLISHED.setRelease(this, next);
        return true;
    }

    /** Consumer: the oldest slot handed over, or null. */
    @Nullable IntervalSlot peek() {
        int next = (int) CONSUMED.get(this);
        return next == (int) PUBLISHED.getAcquire(this) ? null : slots[next % slots.length];
    }

    /** Consumer: gives the slot of {@link #peek} back, cleared. */
    void release() {
        int next = (int) CONSUMED.get(this);
        slots[next % slots.length].clear();
        CONSUMED.setRelease(this, next + 1);
    }

    /** Gives every slot what round trips from intended send times need; neither side may be at work. */
    void reserveIntended() {
        for (IntervalSlot slot : slots) {
            if (slot.intendedRoundTrips == null) {
                slot.intendedRoundTrips = IntervalSlot.newHistogram();
            }
        }
    }

    /** Likewise for receive delays. */
    void reserveReceiveDelays() {
        for (IntervalSlot slot : slots) {
            if (slot.receiveDelays == null) {
                slot.receiveDelays = IntervalSlot.newDelayHistogram();
            }
        }
    }

    /** Neither side may be at work: counts from 0 again, which also keeps the counters far from overflow. */
    void reset() {
        while (peek() != null) {
            release();
        }
        open().clear();
        PUBLISHED.setRelease(this, 0);
        CONSUMED.setRelease(this, 0);
    }

    private static VarHandle counter(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(IntervalRing.class, name, int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
