package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.Sockets;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The other end of a flow, played by a test on a plain socket: it can do what no worker would. */
final class RawPeer {
    private static final long PATIENCE_NS = 60_000_000_000L;

    private final int fd;

    RawPeer(int fd) {
        this.fd = fd;
    }

    void settleAsSource() {
        for (int i = 0; i < Settling.ECHOES; i++) {
            write(new byte[] {Settling.PING});
            assertThat(read(1)).containsExactly(Settling.PING);
        }
    }

    void settleAsDestination() {
        for (int i = 0; i < Settling.ECHOES; i++) {
            assertThat(read(1)).containsExactly(Settling.PING);
            write(new byte[] {Settling.PING});
        }
    }

    /** Pattern bytes from a stream offset on. */
    static byte[] pattern(long from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = Pattern.at(from + i);
        }
        return bytes;
    }

    void write(byte[] bytes) {
        write(bytes, bytes.length);
    }

    /** As {@link #write(byte[])}, with MSG_ZEROCOPY on a socket that has been told so. */
    void writeWithoutCopy(byte[] bytes) {
        write(bytes, bytes.length, FlowSocket.MSG_ZEROCOPY);
    }

    /** Writes in pieces, waiting for room. */
    void write(byte[] bytes, int pieceBytes) {
        write(bytes, pieceBytes, 0);
    }

    private void write(byte[] bytes, int pieceBytes, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            for (int done = 0; done < bytes.length; ) {
                assertThat(FlowSocket.poll(fd, FlowSocket.POLLOUT, PATIENCE_NS)).isPositive();
                int piece = Math.min(pieceBytes, bytes.length - done);
                long n = FlowSocket.send(fd, all, done, piece, flags | FlowSocket.MSG_DONTWAIT);
                // What the kernel says of a send without a copy ends the wait, too.
                if (n != -Errno.EAGAIN) {
                    assertThat(n).isPositive();
                    done += (int) n;
                }
            }
        }
    }

    /** Reads so many bytes, fewer only at end of file. */
    byte[] read(int bytes) {
        byte[] got = new byte[bytes];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(bytes);
            for (int done = 0; done < bytes; ) {
                assertThat(FlowSocket.poll(fd, FlowSocket.POLLIN, PATIENCE_NS)).isPositive();
                long n = FlowSocket.recv(fd, place, 0, bytes - done, FlowSocket.MSG_DONTWAIT);
                assertThat(n).isNotNegative();
                if (n == 0) {
                    return Arrays.copyOf(got, done);
                }
                MemorySegment.copy(place, ValueLayout.JAVA_BYTE, 0, got, done, (int) n);
                done += (int) n;
            }
        }
        return got;
    }

    void halfClose() {
        assertThat(FlowSocket.shutdownWrite(fd)).isZero();
    }

    void close() {
        Sockets.close(fd);
    }

    /** Closes with RST. */
    void reset() {
        Sockets.reset(fd);
    }
}
