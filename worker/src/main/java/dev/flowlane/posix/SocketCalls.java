package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * The calls of {@code sys/socket.h}, one method each: the value, or the negative errno. EINTR is retried, except by
 * {@link #connect}, which goes on by itself after a signal, and by {@link #send} and {@link #recv}.
 */
final class SocketCalls {
    private static final MethodHandle SOCKET = Libc.capturing("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SOCKETPAIR =
            Libc.capturing("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle BIND = Libc.capturing("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle LISTEN = Libc.capturing("listen", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT4 =
            Libc.capturing("accept4", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CONNECT = Libc.capturing("connect", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETSOCKNAME =
            Libc.capturing("getsockname", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GETPEERNAME =
            Libc.capturing("getpeername", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GETSOCKOPT =
            Libc.capturing("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GETSOCKOPT_PLAIN =
            Libc.plain("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SETSOCKOPT =
            Libc.capturing("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN = Libc.capturing("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SYSCALL = Libc.variadic(
            "syscall",
            1,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
    private static final MethodHandle SENDMSG = Libc.capturing("sendmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVMSG = Libc.capturing("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);

    private static final Abi ABI = Abi.current();

    private SocketCalls() {}

    static int socket(int domain, int type, int protocol) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) SOCKET.invokeExact(state.captured, domain, type, protocol));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int socketpair(int domain, int type, int protocol, long twoInts) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) SOCKETPAIR.invokeExact(state.captured, domain, type, protocol, twoInts));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int bind(int fd, long address, int length) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) BIND.invokeExact(state.captured, fd, address, length));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int listen(int fd, int backlog) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) LISTEN.invokeExact(state.captured, fd, backlog));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int accept4(int fd, long address, long length, int flags) {
        CallState state = CallState.current();
        try {
            int accepted;
            do {
                accepted = (int) ACCEPT4.invokeExact(state.captured, fd, address, length, flags);
            } while (accepted == -1 && state.interrupted());
            return state.outcome(accepted);
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int connect(int fd, long address, int length) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) CONNECT.invokeExact(state.captured, fd, address, length));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int getsockname(int fd, long address, long length) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) GETSOCKNAME.invokeExact(state.captured, fd, address, length));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int getpeername(int fd, long address, long length) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) GETPEERNAME.invokeExact(state.captured, fd, address, length));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /** Asked a second time when it failed, for the errno: the flow loop's successful calls allocate nothing so. */
    static int getsockopt(int fd, int level, int name, long value, long length) {
        CallState state = CallState.current();
        try {
            int result = (int) GETSOCKOPT_PLAIN.invokeExact(fd, level, name, value, length);
            if (result != -1) {
                return result;
            }
            return state.outcome((int) GETSOCKOPT.invokeExact(state.captured, fd, level, name, value, length));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int setsockopt(int fd, int level, int name, long value, int length) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) SETSOCKOPT.invokeExact(state.captured, fd, level, name, value, length));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int shutdown(int fd, int how) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) SHUTDOWN.invokeExact(state.captured, fd, how));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /**
     * Not made again after EINTR. By its number, like {@link #recv}: in a process of several threads the C library's
     * functions surround the call with two atomic operations each, for pthread_cancel.
     */
    static long send(CallState state, int fd, long buffer, long length, int flags) {
        return syscall(state, ABI.sendtoCall, fd, buffer, length, flags);
    }

    /** Not made again after EINTR. */
    static long recv(CallState state, int fd, long buffer, long length, int flags) {
        return syscall(state, ABI.recvfromCall, fd, buffer, length, flags);
    }

    /** Not made again after EINTR. */
    static long recvmsg(CallState state, int fd, long message, int flags) {
        return syscall(state, ABI.recvmsgCall, fd, message, flags, 0);
    }

    /** With the sender's address; not made again after EINTR. */
    static long recvfrom(int fd, long buffer, long length, int flags, long address, long addressLength) {
        CallState state = CallState.current();
        try {
            return state.outcome((long) SYSCALL.invokeExact(
                    state.captured,
                    ABI.recvfromCall,
                    (long) fd,
                    buffer,
                    length,
                    (long) flags,
                    address,
                    addressLength));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /** Of {@code count} struct mmsghdr; how many were sent. Not made again after EINTR. */
    static long sendmmsg(CallState state, int fd, long messages, int count, int flags) {
        return syscall(state, ABI.sendmmsgCall, fd, messages, count, flags);
    }

    /** Into {@code count} struct mmsghdr, without a time-out; how many came. Not made again after EINTR. */
    static long recvmmsg(CallState state, int fd, long messages, int count, int flags) {
        return syscall(state, ABI.recvmmsgCall, fd, messages, count, flags);
    }

    private static long syscall(CallState state, long number, long fd, long buffer, long length, long flags) {
        try {
            // The last two are the address of datagrams and its length: none; or a time-out: none.
            return state.outcome(
                    (long) SYSCALL.invokeExact(state.captured, number, fd, buffer, length, flags, 0L, 0L));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static long sendmsg(int fd, long message, int flags) {
        CallState state = CallState.current();
        try {
            long sent;
            do {
                sent = (long) SENDMSG.invokeExact(state.captured, fd, message, flags);
            } while (sent == -1 && state.interrupted());
            return state.outcome(sent);
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static long recvmsg(int fd, long message, int flags) {
        CallState state = CallState.current();
        try {
            long received;
            do {
                received = (long) RECVMSG.invokeExact(state.captured, fd, message, flags);
            } while (received == -1 && state.interrupted());
            return state.outcome(received);
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }
}
