package dev.flowlane.core.placement;

import java.util.List;

/**
 * Connections to open in addition to those that are open.
 *
 * @param count at least 1
 * @param sourcePorts ports to bind to, for the first connections of the demand; the kernel picks those of the others.
 *     Never more than {@code count}
 */
public record CandidateDemand(HostPair pair, int count, List<Integer> sourcePorts) {
    public CandidateDemand {
        sourcePorts = List.copyOf(sourcePorts);
    }

    /** A demand whose ports the kernel picks. */
    public CandidateDemand(HostPair pair, int count) {
        this(pair, count, List.of());
    }
}
