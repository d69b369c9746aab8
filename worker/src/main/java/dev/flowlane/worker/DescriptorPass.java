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

    /** Control thread: the descriptor is closed here. */
    void pass(int fd) {
        UnixSeqpacket.send(pair.first(), new byte[1], fd);
        Sockets.close(fd);
    }

    /** I/O thread: one that was passed before. */
    int take() {
        return UnixSeqpacket.receive(pair.second(), received).passedFd();
    }
}
