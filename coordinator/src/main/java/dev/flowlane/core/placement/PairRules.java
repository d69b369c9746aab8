package dev.flowlane.core.placement;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.posix.CpuSet;

/**
 * What the spec and the two hosts leave a pair, before anybody else's claims.
 *
 * @param index place of the pair in the run
 * @param unavoidable how close the two ends of a flow have to be pinned, because the CPU sets hold no others. Only so
 *     close may the two ends of a strict flow be
 */
record PairRules(int index, HostPair pair, End source, End destination, Closeness unavoidable) {

    /** How close the two ends of a flow are that share a machine; a later one is closer. */
    enum Closeness {
        /** Nothing is shared that a flow has for itself. */
        APART,
        /** Two CPUs of one core, where siblings are to be avoided. */
        SAME_CORE,
        SAME_CPU
    }

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
            CpuSet allowed = policy.isolatedOnly() ? host.allowed().and(host.isolated()) : host.allowed();
            CpuSet usable = side == null ? allowed : allowed.and(side);
            CpuSet application = switch (policy.applicationCpu()) {
                case ApplicationCpu.SameCore _,
                        ApplicationCpu.Offset _,
                        ApplicationCpu.Cross _,
                        ApplicationCpu.NumaLocal _ -> usable;
                case ApplicationCpu.Explicit(CpuSet cpus) -> usable.and(cpus);
                case ApplicationCpu.Unpinned() -> CpuSet.empty();
            };
            return new End(host, isSource, usable, application);
        }
    }

    static PairRules of(
            int index, HostPair pair, HostCpus source, HostCpus destination, PlacementPolicy policy, Cores cores) {
        End sourceEnd = End.of(source, true, policy);
        End destinationEnd = End.of(destination, false, policy);
        return new PairRules(index, pair, sourceEnd, destinationEnd, unavoidable(sourceEnd, destinationEnd, cores));
    }

    private static Closeness unavoidable(End source, End destination, Cores cores) {
        boolean pinned = !source.application.isEmpty() && !destination.application.isEmpty();
        if (!pinned || !source.machineId().equals(destination.machineId())) {
            return Closeness.APART;
        }
        CpuSet all = source.application.or(destination.application);
        if (all.size() == 1) {
            return Closeness.SAME_CPU;
        }
        return cores.standIns(source.machineId(), all).size() == 1 ? Closeness.SAME_CORE : Closeness.APART;
    }

    /** Whether an end that is steered so may receive on the application CPU of the other end as well as on its own. */
    boolean receivesOnPeer(Steering steering) {
        return steering == Steering.FOLLOWS_SENDER && sameMachine();
    }

    boolean sameMachine() {
        return source.machineId().equals(destination.machineId());
    }
}
