package dev.flowlane.worker;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Passes descriptors from the control thread to the I/O thread, which has a descriptor table of its own. */
final class DescriptorPass {
    private final SocketPair pair = UnixSeqpacket.pair();
    private final MemorySegment received = Arena.global().allocate(1);

    /** Control thread: the descriptors are closed here; the second may be -1. */
    void pass(int fd, int secondFd) {
        UnixSeqpacket.send(pair.first(), new byte[1], fd, secondFd);
        Sockets.close(fd);
        if (secondFd >= 0) {
            Sockets.close(secondFd);
        }
    }

    /** I/O thread: what was passed before. */
    UnixSeqpacket.Received take() {
        return UnixSeqpacket.receive(pair.second(), received);
    }
}
