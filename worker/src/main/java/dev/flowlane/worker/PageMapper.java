package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.MemoryMaps;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.ZerocopyReceive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The range of addresses at which the pages of one flow's socket appear; given back when the flow is over. */
final class PageMapper implements AutoCloseable {
    /** Of {@link #map}. */
    static final long END_OF_FILE = -Errno.EIO;

    private final Arena arena = Arena.ofConfined();
    private final ZerocopyReceive receive;
    private final int mostBytes;

    /**
     * For the thread that makes it.
     *
     * @param callBytes most that one call maps, down to whole pages, but at least one page
     * @throws PosixException when the kernel does not map this socket
     */
    PageMapper(int fd, int callBytes) {
        int page = MemoryMaps.pageBytes();
        mostBytes = Math.max(page, callBytes / page * page);
        try {
            receive = new ZerocopyReceive(arena, MemoryMaps.ofSocket(fd, mostBytes));
        } catch (PosixException e) {
            arena.close();
            throw e;
        }
    }

    /** As {@link ZerocopyReceive#map}. */
    long map(int fd) {
        return receive.map(fd, mostBytes);
    }

    /** As {@link ZerocopyReceive#skip}. */
    int skip() {
        return receive.skip();
    }

    MemorySegment range() {
        return receive.range();
    }

    @Override
    public void close() {
        MemoryMaps.unmap(receive.range());
        arena.close();
    }
}
