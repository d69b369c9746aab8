package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * What the flow loop does with its socket. Nothing here allocates, throws for what a network may do, or waits longer
 * than told: a result is a count, or a negative errno ({@code -Errno.EAGAIN} is an ordinary one). Buffers lie outside
 * the Java heap; their arena must not be closed during a call.
 */
public final class FlowSocket {
    /** Leave the bytes in the queue (bits/socket.h, as all of these). */
    public static final int MSG_PEEK = 0x2;
    /** Throw the bytes away instead of copying them (tcp(7)). */
    public static final int MSG_TRUNC = 0x20;
    /** Do not wait, whatever the socket's mode. */
    public static final int MSG_DONTWAIT = 0x40;
    /**
     * Send from these very pages, where the device can: they must not change until the kernel says so
     * (Documentation/networking/msg_zerocopy.rst); after {@link TcpOptions#setZerocopy}.
     */
    public static final int MSG_ZEROCOPY = 0x4000000;
    /** Wait for the whole length. */
    public static final int MSG_WAITALL = 0x100;
    /** {@link FlowCalls#receiveMessages}: wait for the first message only (recvmmsg(2)). */
    public static final int MSG_WAITFORONE = 0x10000;

    /** Readable (asm-generic/poll.h, as all of these). */
    public static final int POLLIN = 0x1;
    /** Writable. */
    public static final int POLLOUT = 0x4;
    /** Failed; always reported. */
    public static final int POLLERR = 0x8;
    /** Both directions closed; always reported. */
    public static final int POLLHUP = 0x10;
    /** Not an open descriptor; always reported. */
    public static final int POLLNVAL = 0x20;
    /** The peer has half-closed. */
    public static final int POLLRDHUP = 0x2000;

    /** linux/sock_diag.h: nine 32-bit numbers, of which SK_MEMINFO_DROPS is the last. */
    private static final int MEMINFO_BYTES = 36;

    private static final long MEMINFO_DROPS = 32;

    private FlowSocket() {}

    /**
     * SO_RCVLOWAT: how many bytes have to be there before a sleeping receiver is woken, other than at the end of file.
     *
     * @param bytes 1 or more; the kernel cuts it to half of the receive buffer, which it makes larger for it unless
     *     somebody chose its size
     * @return false when the kernel refused
     */
    public static boolean setReceiveLowWater(int fd, int bytes) {
        return SocketOption.SO_RCVLOWAT.setIntSurely(fd, bytes);
    }

    /**
     * send(2); never raises SIGPIPE.
     *
     * @param flags of the MSG constants
     * @return bytes taken, or a negative errno
     * @throws IndexOutOfBoundsException when the range is not inside the buffer
     */
    public static long send(int fd, MemorySegment buffer, long offset, long length, int flags) {
        return FlowCalls.ofThisThread().send(fd, buffer, offset, length, flags);
    }

    /**
     * recv(2).
     *
     * @param flags of the MSG constants
     * @return bytes received, 0 at end of file, or a negative errno
     * @throws IndexOutOfBoundsException when the range is not inside the buffer
     */
    public static long recv(int fd, MemorySegment buffer, long offset, long length, int flags) {
        return FlowCalls.ofThisThread().recv(fd, buffer, offset, length, flags);
    }

    /**
     * ppoll(2) of one descriptor.
     *
     * @param events of the POLL constants
     * @param timeoutNs nanoseconds; 0 looks only, negative waits without end
     * @return what happened, of the POLL constants; 0 when the time is up; or a negative errno
     */
    public static int poll(int fd, int events, long timeoutNs) {
        CallState state = CallState.current();
        state.putInt(CallState.POLLFD, fd);
        // Two shorts: events, and revents for the kernel to fill in.
        state.putInt(CallState.POLLFD + 4, events & 0xffff);
        int ready = PollCalls.ppoll(state.address(CallState.POLLFD), 1, timeoutNs);
        return ready <= 0 ? ready : Short.toUnsignedInt(state.scratch.get(JAVA_SHORT, CallState.POLLFD + 6));
    }

    /**
     * ppoll(2) of two descriptors, both to be read from.
     *
     * @param timeoutNs as {@link #poll}
     * @return how many of them are readable, failed or closed; 0 when the time is up; or a negative errno
     */
    public static int pollEither(int first, int second, long timeoutNs) {
        CallState state = CallState.current();
        // The second struct pollfd has no place of its own: an option's value is of no use to a poll.
        state.putInt(CallState.VALUE, first);
        state.putInt(CallState.VALUE + 4, POLLIN);
        state.putInt(CallState.VALUE + 8, second);
        state.putInt(CallState.VALUE + 12, POLLIN);
        return PollCalls.ppoll(state.address(CallState.VALUE), 2, timeoutNs);
    }

    /**
     * SO_INCOMING_CPU: the CPU that served the last packet received; -1 when none was; or a negative errno below -1.
     */
    public static int incomingCpu(int fd) {
        CallState state = CallState.current();
        state.putInt(CallState.LENGTH, Integer.BYTES);
        int result = SocketCalls.getsockopt(
                fd,
                SocketConstants.SOL_SOCKET,
                SocketConstants.SO_INCOMING_CPU,
                state.address(CallState.VALUE),
                state.address(CallState.LENGTH));
        return result < 0 ? result : state.getInt(CallState.VALUE);
    }

    /**
     * TCP_INFO: the kernel's {@code struct tcp_info}, for {@link TcpInfo} to read later.
     *
     * @param capacity bytes it may take; {@link TcpInfo#BUFFER_BYTES} for everything
     * @return bytes the kernel wrote, or a negative errno
     * @throws IndexOutOfBoundsException when the range is not inside the segment
     */
    public static int tcpInfo(int fd, MemorySegment into, long offset, int capacity) {
        long address = Libc.address(into, offset, capacity);
        CallState state = CallState.current();
        state.putInt(CallState.LENGTH, capacity);
        int result = SocketCalls.getsockopt(
                fd,
                SocketConstants.IPPROTO_TCP,
                SocketConstants.TCP_INFO,
                address,
                state.address(CallState.LENGTH));
        Libc.keep(into);
        return result < 0 ? result : state.getInt(CallState.LENGTH);
    }

    /**
     * SO_MEMINFO: datagrams that the kernel threw away because the socket's receive buffer was full (or a checksum was
     * wrong) since it was made, modulo 2^32; or a negative errno.
     */
    public static long receiveDrops(int fd) {
        CallState state = CallState.current();
        state.putInt(CallState.LENGTH, MEMINFO_BYTES);
        int result = SocketCalls.getsockopt(
                fd,
                SocketConstants.SOL_SOCKET,
                SocketConstants.SO_MEMINFO,
                state.address(CallState.VALUE),
                state.address(CallState.LENGTH));
        return result < 0 ? result : Integer.toUnsignedLong(state.getInt(CallState.VALUE + MEMINFO_DROPS));
    }

    /** SIOCOUTQ: bytes sent that the peer has not acknowledged, unsent ones included; or a negative errno (tcp(7)). */
    public static int unacknowledgedBytes(int fd) {
        CallState state = CallState.current();
        int result = FileCalls.ioctl(fd, FileCalls.SIOCOUTQ, state.address(CallState.VALUE));
        return result < 0 ? result : state.getInt(CallState.VALUE);
    }

    /** Half-closes: the peer reads end of file after what was sent. 0, or a negative errno. */
    public static int shutdownWrite(int fd) {
        return SocketCalls.shutdown(fd, SocketConstants.SHUT_WR);
    }
}
