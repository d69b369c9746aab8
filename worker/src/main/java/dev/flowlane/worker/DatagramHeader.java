package dev.flowlane.worker;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What every datagram of a flow begins with; big-endian.
 *
 * <pre>
 * 0   number of the message, int64, from 0 in the warm-up and again from 0 in the measured window
 * 8   when it was handed to the kernel, by the source's System.nanoTime, int64; of a response: of its request
 * 16  "FLWD", int32
 * 20  slot of a request in its source, int16
 * 22  flags, int16
 * </pre>
 *
 * Behind it is the pattern of every flow, from its byte 24 on: the same in every message, so that only headers are
 * written while traffic runs.
 */
final class DatagramHeader {
    static final int BYTES = 24;

    /** The message belongs to the measured window, not to the warm-up. */
    static final int MEASURED = 1;

    /** It answers the request of that number. */
    static final int RESPONSE = 2;

    /** It belongs to neither: both ends settle. */
    static final int SETTLING = 4;

    private static final int FLAGS_MASK = 0xFFFF;
    private static final int SLOT_SHIFT = 16;

    /** "FLWD". */
    private static final int MAGIC = 0x464C5744;

    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long SENT_NS = 8;
    private static final long MARK = 16;
    private static final long WORD = 20;

    private DatagramHeader() {}

    static void write(MemorySegment into, long at, long number, long sentNs, int slot, int flags) {
        into.set(LONG, at, number);
        into.set(LONG, at + SENT_NS, sentNs);
        into.set(INT, at + MARK, MAGIC);
        into.set(INT, at + WORD, slot << SLOT_SHIFT | flags);
    }

    /** Whether what is there may be a header; there are at least {@link #BYTES}. */
    static boolean isAt(MemorySegment from, long at) {
        return from.get(INT, at + MARK) == MAGIC && number(from, at) >= 0;
    }

    static long number(MemorySegment from, long at) {
        return from.get(LONG, at);
    }

    static long sentNs(MemorySegment from, long at) {
        return from.get(LONG, at + SENT_NS);
    }

    static int slot(MemorySegment from, long at) {
        return from.get(INT, at + WORD) >>> SLOT_SHIFT;
    }

    static int flags(MemorySegment from, long at) {
        return from.get(INT, at + WORD) & FLAGS_MASK;
    }
}
