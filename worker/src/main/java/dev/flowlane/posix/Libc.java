package dev.flowlane.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * Binds functions of the C library. Pointers cross as {@code long}: an address with an offset already added needs no
 * slice of a segment. The price is that bounds and lifetime are ours to keep: {@link #address} checks the first, and
 * callers hold the segment across the call.
 *
 * <p>A {@link #plain} call allocates nothing in any tier of the compiler; a {@link #capturing} one 40 bytes until the
 * optimizing compiler (C2) has it. So what the flow loop calls too seldom to be optimized is bound plain.
 */
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LOOKUP = LINKER.defaultLookup();

    private Libc() {}

    /** A function whose errno is captured; its handle takes the segment of {@link CallState#captured} first. */
    static MethodHandle capturing(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(result, arguments), CallState.CAPTURE_ERRNO);
    }

    /**
     * Like {@link #capturing} for a variadic function, whose arguments from {@code firstVariadic} on may travel
     * differently from named ones.
     */
    static MethodHandle variadic(String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                symbol(name),
                FunctionDescriptor.of(result, arguments),
                CallState.CAPTURE_ERRNO,
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    /** A function that sets no errno worth reading. */
    static MethodHandle plain(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(result, arguments));
    }

    /**
     * The address of {@code length} bytes at {@code offset}. The caller keeps {@code segment} reachable and its arena
     * open until the call has returned.
     *
     * @throws IndexOutOfBoundsException when the range is not inside the segment
     * @throws IllegalArgumentException when the segment lies on the Java heap, where the collector may move it
     */
    static long address(MemorySegment segment, long offset, long length) {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        if (!segment.isNative()) {
            throw new IllegalArgumentException("a system call needs memory outside the Java heap");
        }
        return segment.address() + offset;
    }

    /**
     * Ends the time a segment has to live for a call that was given its address. No finally block is needed: a call
     * that threw is not running any more.
     */
    @SuppressWarnings("ReachabilityFenceUsage")
    static void keep(Object segment) {
        Reference.reachabilityFence(segment);
    }

    /** The address of a function that native code is to call. */
    static long functionAddress(String name) {
        return symbol(name).address();
    }

    /** malloc_trim(0); bound at each call, because it is called once in a process's life and not everywhere there. */
    static void trimNativeHeap() {
        LOOKUP.find("malloc_trim").ifPresent(function -> {
            try {
                int released = (int) LINKER.downcallHandle(
                                function, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
                        .invokeExact(0L);
                assert released >= 0;
            } catch (Throwable failure) {
                throw unexpected(failure);
            }
        });
    }

    /** A downcall itself throws nothing; what arrives here is a fault of this package or of the VM. */
    static RuntimeException unexpected(Throwable failure) {
        return switch (failure) {
            case Error error -> throw error;
            case RuntimeException exception -> exception;
            case Throwable other -> new IllegalStateException(other);
        };
    }

    private static MemorySegment symbol(String name) {
        return LOOKUP.find(name).orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
    }
}
