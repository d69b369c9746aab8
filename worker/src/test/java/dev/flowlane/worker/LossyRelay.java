package dev.flowlane.worker;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.flowlane.posix.Datagrams;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A network between two UDP sockets that does harm to every n-th message of the traffic (not to what settles): loses
 * it, sends it twice, sends it behind the next one, or changes a byte of its payload. Counts what it did.
 */
final class LossyRelay implements AutoCloseable {
    /** What happens to every n-th message of one direction; 0: never. */
    record Harm(int lose, int repeat, int swap, int spoil) {
        static final Harm NONE = new Harm(0, 0, 0, 0);
    }

    /** One direction: messages that came, and what became of them. */
    static final class Toll {
        private final AtomicLong seen = new AtomicLong();
        private final AtomicLong lost = new AtomicLong();
        private final AtomicLong repeated = new AtomicLong();
        private final AtomicLong swapped = new AtomicLong();

        long lost() {
            return lost.get();
        }

        long repeated() {
            return repeated.get();
        }

        long swapped() {
            return swapped.get();
        }
    }

    private static final long SLICE_NS = 20_000_000;
    private static final int BUFFER_BYTES = 64 << 10;

    final Toll there = new Toll();
    final Toll back = new Toll();
    private final SocketPair outer;
    private final SocketPair inner;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * Begins to relay.
     *
     * @param address of the loopback device
     */
    LossyRelay(String address, Harm there, Harm back) {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(address), 0);
        int source = Datagrams.open(any, null);
        int destination = Datagrams.open(any, null);
        int towardsSource = Datagrams.open(any, null);
        int towardsDestination = Datagrams.open(any, null);
        connect(source, towardsSource);
        connect(destination, towardsDestination);
        outer = new SocketPair(source, destination);
        inner = new SocketPair(towardsSource, towardsDestination);
        Sockets.setReceiveBuffer(towardsSource, 4 << 20);
        Sockets.setReceiveBuffer(towardsDestination, 4 << 20);
        thread = Thread.ofPlatform().name("relay").daemon().start(() -> relay(there, back));
    }

    private static void connect(int a, int b) {
        Datagrams.connect(a, Sockets.localAddress(b));
        Datagrams.connect(b, Sockets.localAddress(a));
    }

    /** The source's and the destination's socket. */
    SocketPair ends() {
        return outer;
    }

    private void relay(Harm harmThere, Harm harmBack) {
        try (Arena arena = Arena.ofConfined()) {
            Direction one = new Direction(inner.first(), inner.second(), harmThere, there, arena);
            Direction other = new Direction(inner.second(), inner.first(), harmBack, back, arena);
            while (!closed) {
                boolean moved = one.relay();
                moved |= other.relay();
                if (!moved) {
                    FlowSocket.pollEither(inner.first(), inner.second(), SLICE_NS);
                }
            }
        }
    }

    private static final class Direction {
        private final int from;
        private final int to;
        private final Harm harm;
        private final Toll toll;
        private final MemorySegment buffer;
        private final MemorySegment kept;
        private long keptBytes;

        Direction(int from, int to, Harm harm, Toll toll, Arena arena) {
            this.from = from;
            this.to = to;
            this.harm = harm;
            this.toll = toll;
            buffer = arena.allocate(BUFFER_BYTES);
            kept = arena.allocate(BUFFER_BYTES);
        }

        boolean relay() {
            long n = FlowSocket.recv(from, buffer, 0, BUFFER_BYTES, FlowSocket.MSG_DONTWAIT);
            if (n <= 0) {
                return false;
            }
            if ((DatagramHeader.flags(buffer, 0) & DatagramHeader.SETTLING) != 0) {
                send(buffer, n);
                return true;
            }
            toll.seen.incrementAndGet();
            if (every(harm.lose())) {
                toll.lost.incrementAndGet();
                return true;
            }
            if (every(harm.swap()) && keptBytes == 0) {
                MemorySegment.copy(buffer, 0, kept, 0, n);
                keptBytes = n;
                return true;
            }
            if (every(harm.spoil())) {
                byte right = buffer.get(JAVA_BYTE, n - 1);
                buffer.set(JAVA_BYTE, n - 1, (byte) (right + 1));
            }
            send(buffer, n);
            if (every(harm.repeat())) {
                toll.repeated.incrementAndGet();
                send(buffer, n);
            }
            if (keptBytes > 0) {
                toll.swapped.incrementAndGet();
                send(kept, keptBytes);
                keptBytes = 0;
            }
            return true;
        }

        private boolean every(int nth) {
            return nth > 0 && toll.seen.get() % nth == 0;
        }

        private void send(MemorySegment message, long bytes) {
            if (FlowSocket.send(to, message, 0, bytes, 0) == -Errno.EAGAIN) {
                FlowSocket.poll(to, FlowSocket.POLLOUT, SLICE_NS);
                FlowSocket.send(to, message, 0, bytes, 0);
            }
        }
    }

    /** Ends; waits for it. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Sockets.close(inner.first());
        Sockets.close(inner.second());
    }
}
