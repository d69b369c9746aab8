package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

/**
 * One {@code struct sock_extended_err} (linux/errqueue.h) on a socket's error queue, as MSG_ZEROCOPY uses it: a
 * range of sends, counted from 0 since the option was set, whose pages the kernel has let go.
 */
final class ZerocopyNote {
    private static final byte SO_EE_ORIGIN_ZEROCOPY = 5;
    private static final byte SO_EE_CODE_ZEROCOPY_COPIED = 1;

    private static final long CONTROL_POINTER = CallState.MSGHDR + 32;
    private static final long CONTROL_LENGTH = CallState.MSGHDR + 40;
    private static final long LEVEL = CallState.CONTROL + 8;
    private static final long TYPE = CallState.CONTROL + 12;
    private static final long ORIGIN = CallState.CONTROL + 20;
    private static final long CODE = CallState.CONTROL + 22;
    private static final long FIRST = CallState.CONTROL + 24;
    private static final long LAST = CallState.CONTROL + 28;

    private ZerocopyNote() {}

    /** As {@link FlowCalls#zerocopyCompletions}. */
    static long take(CallState state, int fd) {
        for (long place = CallState.MSGHDR; place < CallState.IOVEC; place += Long.BYTES) {
            state.putLong(place, 0);
        }
        state.putLong(CONTROL_POINTER, state.address(CallState.CONTROL));
        state.putLong(CONTROL_LENGTH, CallState.CONTROL_BYTES);
        state.putInt(LEVEL, -1);
        int flags = SocketConstants.MSG_ERRQUEUE | FlowSocket.MSG_DONTWAIT;
        if (SocketCalls.recvmsg(state, fd, state.address(CallState.MSGHDR), flags) < 0) {
            return 0;
        }
        int level = state.getInt(LEVEL);
        int type = state.getInt(TYPE);
        boolean note = (level == SocketConstants.IPPROTO_IP && type == SocketConstants.IP_RECVERR)
                || (level == SocketConstants.IPPROTO_IPV6 && type == SocketConstants.IPV6_RECVERR);
        if (!note || state.scratch.get(JAVA_BYTE, ORIGIN) != SO_EE_ORIGIN_ZEROCOPY) {
            return 0;
        }
        long sends = Integer.toUnsignedLong(state.getInt(LAST) - state.getInt(FIRST)) + 1;
        boolean copied = (state.scratch.get(JAVA_BYTE, CODE) & SO_EE_CODE_ZEROCOPY_COPIED) != 0;
        return copied ? sends | FlowCalls.COPIED : sends;
    }
}
