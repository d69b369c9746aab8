package dev.flowlane.posix;


import java.lang.invoke.MethodHandle;

/**
 * The calls of {@code sys/socket.h}, one method each: the value, or the negative errno. EINTR is retried, except by
 * {@link #connect}, which goes on by itself after a signal, and by {@link #send} and {@link #recv}.
 */
final class SocketCalls {
    private static final MethodHandle SOCKET = Libc.capturing("socket");
    private static final MethodHandle SOCKETPAIR = Libc.capturing("socketpair");
    private static final MethodHandle BIND = Libc.capturing("bind");
    private static final MethodHandle LISTEN = Libc.capturing("listen");
    private static final MethodHandle ACCEPT4 = Libc.capturing("accept4");
    private static final MethodHandle CONNECT = Libc.capturing("connect");
    private static final MethodHandle GETSOCKNAME = Libc.capturing("getsockname");
    private static final MethodHandle GETPEERNAME = Libc.capturing("getpeername");
    private static final MethodHandle GETSOCKOPT = Libc.capturing("getsockopt");
    private static final MethodHandle GETSOCKOPT_PLAIN = Libc.plain("getsockopt");
    private static final MethodHandle SETSOCKOPT = Libc.capturing("setsockopt");
    private static final MethodHandle SHUTDOWN = Libc.capturing("shutdown");
    private static final MethodHandle SYSCALL = Libc.capturing("syscall");
    private static final MethodHandle SENDMSG = Libc.capturing("sendmsg");
    private static final MethodHandle RECVMSG = Libc.capturing("recvmsg");

    private static final Abi ABI = Abi.current();

    private SocketCalls() {}

    static int socket(int domain, int type, int protocol) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(SOCKET, state, domain, type, protocol));
    }

    static int socketpair(int domain, int type, int protocol, long twoInts) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(SOCKETPAIR, state, domain, type, protocol, twoInts));
    }

    static int bind(int fd, long address, int length) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(BIND, state, fd, address, length));
    }

    static int listen(int fd, int backlog) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(LISTEN, state, fd, backlog));
    }

    static int accept4(int fd, long address, long length, int flags) {
        CallState state = CallState.current();
        int accepted;
        do {
            accepted = (int) Libc.call(ACCEPT4, state, fd, address, length, flags);
        } while (accepted == -1 && state.interrupted());
        return state.outcome(accepted);
    }

    static int connect(int fd, long address, int length) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(CONNECT, state, fd, address, length));
    }

    static int getsockname(int fd, long address, long length) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(GETSOCKNAME, state, fd, address, length));
    }

    static int getpeername(int fd, long address, long length) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(GETPEERNAME, state, fd, address, length));
    }

    /** Asked a second time when it failed, for the errno: the flow loop's successful calls allocate nothing so. */
    static int getsockopt(int fd, int level, int name, long value, long length) {
        CallState state = CallState.current();
        int result = (int) Libc.callPlain(GETSOCKOPT_PLAIN, fd, level, name, value, length);
        if (result != -1) {
            return result;
        }
        return state.outcome((int) Libc.call(GETSOCKOPT, state, fd, level, name, value, length));
    }

    static int setsockopt(int fd, int level, int name, long value, int length) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(SETSOCKOPT, state, fd, level, name, value, length));
    }

    static int shutdown(int fd, int how) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(SHUTDOWN, state, fd, how));
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
        long call = ABI.recvfromCall;
        return state.outcome(Libc.call(SYSCALL, state, call, fd, buffer, length, flags, address, addressLength));
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
        // The last two are the address of datagrams and its length: none; or a time-out: none.
        return state.outcome(
                Libc.call(SYSCALL, state, number, fd, buffer, length, flags));
    }

    static long sendmsg(int fd, long message, int flags) {
        CallState state = CallState.current();
        long sent;
        do {
            sent = Libc.call(SENDMSG, state, fd, message, flags);
        } while (sent == -1 && state.interrupted());
        return state.outcome(sent);
    }

    static long recvmsg(int fd, long message, int flags) {
        CallState state = CallState.current();
        long received;
        do {
            received = Libc.call(RECVMSG, state, fd, message, flags);
        } while (received == -1 && state.interrupted());
        return state.outcome(received);
    }
}
