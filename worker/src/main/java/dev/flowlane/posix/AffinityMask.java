package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/**
 * A {@code cpu_set_t} of any size. It is an array of {@code unsigned long}, which in little-endian order is the same as
 * an array of bytes: CPU n is bit n % 8 of byte n / 8.
 */
final class AffinityMask {
    /** glibc's cpu_set_t: 1024 CPUs. */
    static final int SMALLEST_BYTES = 128;
    static final int LARGEST_BYTES = CpuSet.MAX_CPUS / Byte.SIZE;

    private AffinityMask() {}

    /** Bytes for a mask with these CPUs, in whole {@code unsigned long}s. */
    static int bytesFor(CpuSet cpus) {
        int words = cpus.isEmpty() ? 0 : cpus.last() / Long.SIZE + 1;
        return Math.max(SMALLEST_BYTES, words * Long.BYTES);
    }

    static void store(CpuSet cpus, MemorySegment mask) {
        mask.fill((byte) 0);
        cpus.cpus().forEach(cpu -> {
            byte before = mask.get(JAVA_BYTE, cpu / Byte.SIZE);
            mask.set(JAVA_BYTE, cpu / Byte.SIZE, (byte) (before | 1 << cpu % Byte.SIZE));
        });
    }

    static CpuSet load(MemorySegment mask) {
        int cpus = Math.toIntExact(mask.byteSize()) * Byte.SIZE;
        return CpuSet.of(IntStream.range(0, cpus)
                .filter(cpu -> (mask.get(JAVA_BYTE, cpu / Byte.SIZE) >> cpu % Byte.SIZE & 1) == 1)
                .toArray());
    }
}
