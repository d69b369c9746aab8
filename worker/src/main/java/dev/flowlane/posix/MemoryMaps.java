package dev.flowlane.posix;

import java.lang.foreign.MemorySegment;

/** Memory that the kernel lays out: pages of a socket's queue, and huge pages. */
public final class MemoryMaps {
    /** The usual size of a huge page on x86-64, and on aarch64 with pages of 4 KiB. */
    public static final long HUGE_PAGE_BYTES = 2 << 20;

    /** bits/confname.h. */
    private static final int SC_PAGESIZE = 30;

    private static final int PAGE_BYTES = (int) RingCalls.sysconf(SC_PAGESIZE);

    /** asm-generic/mman-common.h. */
    private static final int PROT_READ = 1;

    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_POPULATE = 0x8000;
    private static final int MAP_HUGETLB = 0x40000;

    /** 21, the binary logarithm of the size, where MAP_HUGE_SHIFT says. */
    private static final int MAP_HUGE_2MB = 21 << 26;

    private MemoryMaps() {}

    /** Size of an ordinary page, usually 4096. */
    public static int pageBytes() {
        return PAGE_BYTES;
    }

    /**
     * A range of addresses that a TCP socket's payload can be mapped to ({@link ZerocopyReceive}); nothing is there
     * yet. To be given back with {@link #unmap}.
     *
     * @param bytes a multiple of the page size
     * @throws PosixException ENODEV when the kernel does not map sockets
     */
    public static MemorySegment ofSocket(int fd, long bytes) {
        return map(bytes, PROT_READ, MAP_SHARED, fd, "of a socket");
    }

    /**
     * Zeroed memory in huge pages of {@link #HUGE_PAGE_BYTES}, there at once. To be given back with {@link #unmap}.
     *
     * @param bytes a multiple of {@link #HUGE_PAGE_BYTES}
     * @throws PosixException ENOMEM when fewer are free
     */
    public static MemorySegment hugePages(long bytes) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB | MAP_POPULATE;
        return map(bytes, PROT_READ | PROT_WRITE, flags, -1, bytes / HUGE_PAGE_BYTES + " huge pages of 2 MiB");
    }

    /** Gives the memory back; nobody may look at it any more. */
    public static void unmap(MemorySegment memory) {
        PosixException.check("munmap", RingCalls.unmap(memory.address(), memory.byteSize()));
    }

    private static MemorySegment map(long bytes, int protection, int flags, int fd, String what) {
        long address = RingCalls.map(fd, bytes, 0, protection, flags);
        if (address < 0) {
            throw new PosixException("mmap", (int) -address, what);
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
}
