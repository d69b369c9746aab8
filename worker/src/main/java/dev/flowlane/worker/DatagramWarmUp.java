package dev.flowlane.worker;

import dev.flowlane.posix.Datagrams;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The network of a warm-up over datagrams: AF_UNIX sockets, which lose nothing and need no device, and somebody on the
 * way who holds a message back for a while and then sends it twice, so that what happens then is compiled, too.
 */
final class DatagramWarmUp implements AutoCloseable {
    /** Longer than the shortest time-out of a request, which is what a warm-up has. */
    private static final long HOLD_NS = 1_500_000;

    private static final int AREA_BYTES = 64 << 10;

    private final Arena arena = Arena.ofConfined();
    private final SocketPair sockets = Datagrams.pair();
    private final MemorySegment held = arena.allocate(AREA_BYTES);
    private long heldBytes;
    private long sinceNs = System.nanoTime();

    DatagramWarmUp(int sendBufferBytes) {
        Sockets.setSendBuffer(sockets.first(), sendBufferBytes);
        Sockets.setSendBuffer(sockets.second(), sendBufferBytes);
    }

    SocketPair sockets() {
        return sockets;
    }

    /** Gives back what was held back and takes the next message for the destination away. */
    void disturb() {
        long nowNs = System.nanoTime();
        if (nowNs - sinceNs < HOLD_NS) {
            return;
        }
        sinceNs = nowNs;
        settle();
        heldBytes =
                Math.max(0, FlowSocket.recv(sockets.second(), held, 0, AREA_BYTES, FlowSocket.MSG_DONTWAIT));
    }

    /** Gives back what was held back. */
    void settle() {
        if (heldBytes > 0) {
            // A copy may find no room; what is missed then is waited for in vain for a while, and no harm is done.
            FlowSocket.send(sockets.first(), held, 0, heldBytes, FlowSocket.MSG_DONTWAIT);
            FlowSocket.send(sockets.first(), held, 0, heldBytes, FlowSocket.MSG_DONTWAIT);
            heldBytes = 0;
        }
    }

    @Override
    public void close() {
        Sockets.close(sockets.first());
        Sockets.close(sockets.second());
        arena.close();
    }
}
