package dev.flowlane.daemon.workers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Tells whether the kernel has just killed processes because memory ran out. It says so to nobody but its log, which
 * takes a privilege to read; what everybody can read is how many there were on this machine, in all memory cgroups
 * ({@code oom_kill} of /proc/vmstat). For one thread.
 */
final class OutOfMemoryKills {
    /** Reading takes a walk over all CPUs, and workers talk often. */
    private static final long LOOK_NS = 1_000_000_000;

    private static final String FIELD = "oom_kill ";

    private final Path vmstat;
    private final LongSupplier monotonicNs;
    private long seen;
    private long seenBefore;
    private long lookedAtNs;

    /**
     * A look at the count as it is now.
     *
     * @param vmstat {@code /proc/vmstat}, or what stands for it
     */
    OutOfMemoryKills(Path vmstat, LongSupplier monotonicNs) {
        this.vmstat = vmstat;
        this.monotonicNs = monotonicNs;
        this.seen = count();
        this.seenBefore = seen;
        this.lookedAtNs = monotonicNs.getAsLong();
    }

    /** A worker is alive: what was counted before was not its end. */
    void alive() {
        long nowNs = monotonicNs.getAsLong();
        if (nowNs - lookedAtNs >= LOOK_NS) {
            lookedAtNs = nowNs;
            seenBefore = seen;
            seen = count();
        }
    }

    /** How many there were since about the last two seconds in which a worker was alive. */
    long recent() {
        return Math.max(0, count() - seenBefore);
    }

    /** 0 where the kernel does not tell. */
    private long count() {
        try {
            List<String> lines = Files.readAllLines(vmstat);
            return lines.stream()
                    .filter(line -> line.startsWith(FIELD))
                    .mapToLong(line -> Long.parseLong(line.substring(FIELD.length()).strip()))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
