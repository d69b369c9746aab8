package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * AF_UNIX sockets that keep message boundaries (SOCK_SEQPACKET), can carry one or two descriptors with a message
 * (SCM_RIGHTS) and tell who is at the other end (SO_PEERCRED). A message of no bytes cannot be told from end of file
 * and is refused.
 */
public final class UnixSeqpacket {
    /** SOMAXCONN: every worker of a host may knock at once. */
    private static final int BACKLOG = 4096;

    /**
     * A message's arrival.
     *
     * @param length its bytes; 0 at end of file; {@link Sockets#WOULD_BLOCK}
     * @param passedFd the descriptor that came with it and now belongs to the receiver, close-on-exec; -1 when none did
     * @param secondFd likewise the second one
     */
    public record Received(int length, int passedFd, int secondFd) {}

    /** Who made the other end, at the time of its connect or listen. */
    public record PeerCredentials(int pid, int uid, int gid) {}

    private UnixSeqpacket() {}

    /**
     * A non-blocking listening socket at a path that must not exist yet; the file's permissions follow the umask, those
     * of its directory guard it.
     *
     * @throws PosixException EADDRINUSE when the path exists
     * @throws IllegalArgumentException for a path of more than 107 bytes
     */
    public static int listen(Path path) {
        int fd = open(SocketConstants.SOCK_NONBLOCK);
        try {
            CallState state = CallState.current();
            int length = SocketAddresses.store(path, state.scratch);
            check("bind", SocketCalls.bind(fd, state.address(CallState.VALUE), length), path);
            check("listen", SocketCalls.listen(fd, BACKLOG), path);
            return fd;
        } catch (RuntimeException failure) {
            Sockets.close(fd);
            throw failure;
        }
    }

    /** Takes a waiting connection, non-blocking; {@link Sockets#WOULD_BLOCK} when there is none. */
    public static int accept(int listenFd) {
        return Sockets.accept(listenFd);
    }

    /**
     * A connected socket, blocking; see {@link Sockets#setBlocking}.
     *
     * @throws PosixException ENOENT when there is no such path, ECONNREFUSED when nobody listens
     */
    public static int connect(Path path) {
        int fd = open(0);
        try {
            CallState state = CallState.current();
            int length = SocketAddresses.store(path, state.scratch);
            int result;
            do {
                // Unlike TCP's, an interrupted connect of AF_UNIX has not begun and is made again.
                result = SocketCalls.connect(fd, state.address(CallState.VALUE), length);
            } while (result == -Errno.EINTR);
            check("connect", result, path);
            return fd;
        } catch (RuntimeException failure) {
            Sockets.close(fd);
            throw failure;
        }
    }

    /** Two connected sockets, blocking. */
    public static SocketPair pair() {
        return Sockets.pair(SocketConstants.SOCK_SEQPACKET);
    }

    /**
     * Sends one message whole.
     *
     * @param passFd a descriptor to send a copy of, -1 for none; the sender keeps its own
     * @return false when it would have to wait; then nothing was sent
     * @throws PosixException EPIPE, ECONNRESET when the peer is gone; EMSGSIZE when it is larger than the send buffer
     */
    public static boolean send(int fd, MemorySegment message, int passFd) {
        return send(fd, message, passFd, -1);
    }

    /** As {@link #send(int, MemorySegment, int)}, with a second descriptor after the first; -1 for none. */
    public static boolean send(int fd, MemorySegment message, int passFd, int secondFd) {
        if (message.byteSize() == 0) {
            throw new IllegalArgumentException("a message has at least one byte");
        }
        CallState state = CallState.current();
        MessageHeader.store(state, Libc.address(message, 0, message.byteSize()), message.byteSize());
        if (passFd >= 0) {
            MessageHeader.storeDescriptors(state, passFd, secondFd);
        }
        long sent = SocketCalls.sendmsg(fd, state.address(CallState.MSGHDR), SocketConstants.MSG_NOSIGNAL);
        Libc.keep(message);
        if (sent == -Errno.EAGAIN) {
            return false;
        }
        PosixException.check("sendmsg", (int) sent);
        return true;
    }

    /** As {@link #send(int, MemorySegment, int)}, of a copy. */
    public static boolean send(int fd, byte[] message, int passFd) {
        return send(fd, message, passFd, -1);
    }

    /** As {@link #send(int, MemorySegment, int, int)}, of a copy. */
    public static boolean send(int fd, byte[] message, int passFd, int secondFd) {
        try (Arena arena = Arena.ofConfined()) {
            return send(fd, arena.allocateFrom(JAVA_BYTE, message), passFd, secondFd);
        }
    }

    /**
     * Receives one message whole.
     *
     * @throws PosixException EMSGSIZE when the message is larger than the buffer or carries more than two descriptors:
     *     it is lost, and no descriptor of it stays open
     */
    public static Received receive(int fd, MemorySegment buffer) {
        CallState state = CallState.current();
        MessageHeader.store(state, Libc.address(buffer, 0, buffer.byteSize()), buffer.byteSize());
        MessageHeader.makeRoomForControl(state);
        long received =
                SocketCalls.recvmsg(fd, state.address(CallState.MSGHDR), SocketConstants.MSG_CMSG_CLOEXEC);
        Libc.keep(buffer);
        if (received == -Errno.EAGAIN) {
            return new Received(Sockets.WOULD_BLOCK, -1, -1);
        }
        int length = PosixException.check("recvmsg", (int) received);
        int[] descriptors = MessageHeader.descriptors(state);
        int cut = SocketConstants.MSG_TRUNC | SocketConstants.MSG_CTRUNC;
        if ((MessageHeader.flags(state) & cut) != 0 || descriptors.length > 2) {
            for (int descriptor : descriptors) {
                Sockets.close(descriptor);
            }
            throw new PosixException("recvmsg", Errno.EMSGSIZE, "buffer of " + buffer.byteSize() + " bytes");
        }
        return new Received(
                length,
                descriptors.length == 0 ? -1 : descriptors[0],
                descriptors.length < 2 ? -1 : descriptors[1]);
    }

    /** SO_PEERCRED; of a {@link #pair}, the process that made it. */
    public static PeerCredentials peer(int fd) {
        CallState state = SocketOption.SO_PEERCRED.get(fd, 3 * Integer.BYTES);
        return new PeerCredentials(
                state.getInt(CallState.VALUE),
                state.getInt(CallState.VALUE + Integer.BYTES),
                state.getInt(CallState.VALUE + 2 * Integer.BYTES));
    }

    private static int open(int flags) {
        int type = SocketConstants.SOCK_SEQPACKET | SocketConstants.SOCK_CLOEXEC | flags;
        return PosixException.check("socket", SocketCalls.socket(SocketConstants.AF_UNIX, type, 0));
    }

    private static void check(String call, int result, Path path) {
        if (result < 0) {
            throw new PosixException(call, -result, path.toString());
        }
    }
}
