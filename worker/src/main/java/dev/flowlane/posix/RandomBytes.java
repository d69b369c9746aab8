package dev.flowlane.posix;


import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The kernel's random bytes, good for secrets. For threads that have a descriptor table of their own: the JDK's
 * SecureRandom reads a file that another thread has opened.
 */
public final class RandomBytes {
    private static final MethodHandle GETRANDOM = Libc.capturing("getrandom");

    private RandomBytes() {}

    /**
     * getrandom(2): fills a range.
     *
     * @param length at most 256, which is never cut short
     * @throws PosixException ENOSYS before Linux 3.17
     */
    public static void fill(MemorySegment into, long offset, long length) {
        long address = Libc.address(into, offset, length);
        CallState state = CallState.current();
        long filled;
        do {
            filled = Libc.call(GETRANDOM, state, address, length, 0);
        } while (filled == -1 && state.interrupted());
        PosixException.check("getrandom", (int) state.outcome(filled));
        Libc.keep(into);
    }
}
