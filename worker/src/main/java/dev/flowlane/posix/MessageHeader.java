package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

/**
 * {@code struct msghdr} with one {@code struct iovec} and room for one {@code struct cmsghdr} (bits/socket.h, as laid
 * out on 64-bit Linux), in a thread's scratch space.
 */
final class MessageHeader {
    private static final long IOV = CallState.MSGHDR + 16;
    private static final long IOV_COUNT = CallState.MSGHDR + 24;
    private static final long CONTROL = CallState.MSGHDR + 32;
    private static final long CONTROL_LENGTH = CallState.MSGHDR + 40;
    private static final long FLAGS = CallState.MSGHDR + 48;

    private static final long CMSG_LEVEL = CallState.CONTROL + 8;
    private static final long CMSG_TYPE = CallState.CONTROL + 12;
    private static final long CMSG_DATA = CallState.CONTROL + 16;
    private static final int CMSG_HEADER_BYTES = 16;
    /** CMSG_LEN of one int, and CMSG_SPACE of one int and of two: padded to the alignment of size_t. */
    private static final int CMSG_LEN_ONE = 20;
    private static final int CMSG_SPACE_TWO = 24;

    private MessageHeader() {}

    /** A message of {@code length} bytes at {@code address}, without control data. */
    static void store(CallState state, long address, long length) {
        state.scratch.asSlice(CallState.MSGHDR, CallState.IOVEC - CallState.MSGHDR).fill((byte) 0);
        state.putLong(CallState.IOVEC, address);
        state.putLong(CallState.IOVEC + 8, length);
        state.putLong(IOV, state.address(CallState.IOVEC));
        state.putLong(IOV_COUNT, 1);
    }

    /** One descriptor, or two: the second is left out when it is negative. */
    static void storeDescriptors(CallState state, int fd, int secondFd) {
        state.putLong(CONTROL, state.address(CallState.CONTROL));
        state.putLong(CONTROL_LENGTH, CMSG_SPACE_TWO);
        state.putLong(CallState.CONTROL, secondFd < 0 ? CMSG_LEN_ONE : CMSG_LEN_ONE + Integer.BYTES);
        state.putInt(CMSG_LEVEL, SocketConstants.SOL_SOCKET);
        state.putInt(CMSG_TYPE, SocketConstants.SCM_RIGHTS);
        state.putInt(CMSG_DATA, fd);
        state.putInt(CMSG_DATA + Integer.BYTES, Math.max(0, secondFd));
    }

    /** Room for what comes with a message: more than two descriptors need, so that several are seen and closed. */
    static void makeRoomForControl(CallState state) {
        state.putLong(CONTROL, state.address(CallState.CONTROL));
        state.putLong(CONTROL_LENGTH, CallState.CONTROL_BYTES);
        state.putLong(CallState.CONTROL, 0);
    }

    /** The descriptors that arrived; they are open. */
    static int[] descriptors(CallState state) {
        boolean none = state.getLong(CONTROL_LENGTH) < CMSG_LEN_ONE
                || state.getInt(CMSG_LEVEL) != SocketConstants.SOL_SOCKET
                || state.getInt(CMSG_TYPE) != SocketConstants.SCM_RIGHTS;
        if (none) {
            return new int[0];
        }
        long bytes = Math.min(state.getLong(CallState.CONTROL), CallState.CONTROL_BYTES) - CMSG_HEADER_BYTES;
        int[] descriptors = new int[(int) Math.max(0, bytes / Integer.BYTES)];
        for (int i = 0; i < descriptors.length; i++) {
            descriptors[i] = state.getInt(CMSG_DATA + (long) i * Integer.BYTES);
        }
        return descriptors;
    }

    /** The one byte of a control message that arrived; -1 when there is none of this level and type. */
    static int controlByte(CallState state, int level, int type) {
        boolean there = state.getLong(CONTROL_LENGTH) > CMSG_HEADER_BYTES
                && state.getInt(CMSG_LEVEL) == level
                && state.getInt(CMSG_TYPE) == type;
        return there ? Byte.toUnsignedInt(state.scratch.get(JAVA_BYTE, CMSG_DATA)) : -1;
    }

    static int flags(CallState state) {
        return state.getInt(FLAGS);
    }
}
