package dev.flowlane.core.placement;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

/**
 * What the spec and the two hosts leave a pair, before anybody else's claims.
 *
 * @param index place of the pair in the run
 * @param oneCpu both ends have to be pinned to one and the same CPU, because the CPU sets hold no other. Only then may
 *     the two ends of a strict flow share a CPU
 */
record PairRules(int index, HostPair pair, End source, End destination, boolean oneCpu) {

    /**
     * One end of the pair.
     *
     * @param usable CPUs that the host and the side's CPU set allow
     * @param application those of them that the application CPU may be; empty for unpinned
     */
    record End(HostCpus host, boolean isSource, CpuSet usable, CpuSet application) {
        String machineId() {
            return host.machineId();
        }

        static End of(HostCpus host, boolean isSource, PlacementPolicy policy) {
            CpuSet side = isSource ? policy.sourceCpus() : policy.destinationCpus();
            CpuSet usable = intersection(host.allowed(), side);
            CpuSet application = switch (policy.applicationCpu()) {
                case ApplicationCpu.SameCore _, ApplicationCpu.Offset _ -> usable;
                case ApplicationCpu.Explicit(CpuSet cpus) -> usable.and(cpus);
                case ApplicationCpu.Unpinned() -> CpuSet.empty();
            };
            return new End(host, isSource, usable, application);
        }

        private static CpuSet intersection(CpuSet allowed, @Nullable CpuSet limit) {
            return limit == null ? allowed : allowed.and(limit);
        }
    }

    static PairRules of(int index, HostPair pair, HostCpus source, HostCpus destination, PlacementPolicy policy) {
        End sourceEnd = End.of(source, true, policy);
        End destinationEnd = End.of(destination, false, policy);
        boolean oneCpu = source.machineId().equals(destination.machineId())
                && sourceEnd.application.size() == 1
                && sourceEnd.application.equals(destinationEnd.application);
        return new PairRules(index, pair, sourceEnd, destinationEnd, oneCpu);
    }

    boolean sameMachine() {
        return source.machineId().equals(destination.machineId());
    }
}
