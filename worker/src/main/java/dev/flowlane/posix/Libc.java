package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * Binds functions of the C library. Pointers cross as {@code long}: an address with an offset already added needs no
 * slice of a segment. The price is that bounds and lifetime are ours to keep: {@link #address} checks the first, and
 * callers hold the segment across the call.
 *
 * <p>All functions are bound in one shape. A shape is a dozen classes that the JVM makes anew in every process, because
 * no cache holds them; fourteen shapes took a process 0.1 CPU seconds at its start.
 *
 * <p>A {@link #plain} call allocates nothing in any tier of the compiler; a {@link #capturing} one 40 bytes until the
 * optimizing compiler (C2) has it. So what the flow loop calls too seldom to be optimized is bound plain.
 */
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LOOKUP = LINKER.defaultLookup();

    /**
     * Of every function: seven integers or addresses, the result one more. What a function does not take, it does not
     * look at, and of an {@code int} only the lower half: so the calling conventions of x86-64 and aarch64 on Linux
     * have it, variadic functions included.
     */
    private static final FunctionDescriptor SHAPE = FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(1);

    private Libc() {}

    /** A function whose errno is captured, to be made with {@link #call}; it may be variadic. */
    static MethodHandle capturing(String name) {
        return LINKER.downcallHandle(symbol(name), SHAPE, VARIADIC, CallState.CAPTURE_ERRNO);
    }

    /** A function that sets no errno worth reading, to be made with {@link #callPlain}. */
    static MethodHandle plain(String name) {
        return LINKER.downcallHandle(symbol(name), SHAPE, VARIADIC);
    }

    /** Makes a {@link #capturing} call. A function of the type {@code int} leaves the upper half undefined: cast it. */
    static long call(MethodHandle function, CallState state, long a, long b, long c, long d, long e, long f, long g) {
        try {
            return (long) function.invokeExact(state.captured, a, b, c, d, e, f, g);
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static long call(MethodHandle function, CallState state) {
        return call(function, state, 0, 0, 0, 0, 0, 0, 0);
    }

    static long call(MethodHandle function, CallState state, long a) {
        return call(function, state, a, 0, 0, 0, 0, 0, 0);
    }

    static long call(MethodHandle function, CallState state, long a, long b) {
        return call(function, state, a, b, 0, 0, 0, 0, 0);
    }

    static long call(MethodHandle function, CallState state, long a, long b, long c) {
        return call(function, state, a, b, c, 0, 0, 0, 0);
    }

    static long call(MethodHandle function, CallState state, long a, long b, long c, long d) {
        return call(function, state, a, b, c, d, 0, 0, 0);
    }

    static long call(MethodHandle function, CallState state, long a, long b, long c, long d, long e) {
        return call(function, state, a, b, c, d, e, 0, 0);
    }

    static long call(MethodHandle function, CallState state, long a, long b, long c, long d, long e, long f) {
        return call(function, state, a, b, c, d, e, f, 0);
    }

    /** Makes a {@link #plain} call. */
    static long callPlain(MethodHandle function, long a, long b, long c, long d, long e) {
        try {
            return (long) function.invokeExact(a, b, c, d, e, 0L, 0L);
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static long callPlain(MethodHandle function) {
        return callPlain(function, 0, 0, 0, 0, 0);
    }

    static long callPlain(MethodHandle function, long a) {
        return callPlain(function, a, 0, 0, 0, 0);
    }

    static long callPlain(MethodHandle function, long a, long b) {
        return callPlain(function, a, b, 0, 0, 0);
    }

    static long callPlain(MethodHandle function, long a, long b, long c) {
        return callPlain(function, a, b, c, 0, 0);
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
        if (LOOKUP.find("malloc_trim").isPresent()) {
            int released = (int) callPlain(plain("malloc_trim"));
            assert released >= 0;
        }
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
