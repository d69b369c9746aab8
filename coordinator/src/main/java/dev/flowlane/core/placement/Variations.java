package dev.flowlane.core.placement;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Smt;

/** Specs that differ in one thing, to find out what would help. */
final class Variations {
    private Variations() {}

    static RunSpec applicationCpu(RunSpec spec, ApplicationCpu applicationCpu) {
        PlacementPolicy p = spec.placement();
        return with(spec, spec.flowsPerPair(), new PlacementPolicy(applicationCpu, p.exclusive(), p.smt(),
                p.sourceCpus(), p.destinationCpus(), p.isolatedOnly(), p.maxCandidates()));
    }

    static RunSpec exclusive(RunSpec spec, Exclusive exclusive) {
        PlacementPolicy p = spec.placement();
        return with(spec, spec.flowsPerPair(), new PlacementPolicy(p.applicationCpu(), exclusive, p.smt(),
                p.sourceCpus(), p.destinationCpus(), p.isolatedOnly(), p.maxCandidates()));
    }

    static RunSpec smt(RunSpec spec, Smt smt) {
        PlacementPolicy p = spec.placement();
        return with(spec, spec.flowsPerPair(), new PlacementPolicy(p.applicationCpu(), p.exclusive(), smt,
                p.sourceCpus(), p.destinationCpus(), p.isolatedOnly(), p.maxCandidates()));
    }

    static RunSpec withoutIsolation(RunSpec spec) {
        PlacementPolicy p = spec.placement();
        return with(spec, spec.flowsPerPair(), new PlacementPolicy(p.applicationCpu(), p.exclusive(), p.smt(),
                p.sourceCpus(), p.destinationCpus(), false, p.maxCandidates()));
    }

    static RunSpec withoutCpuSets(RunSpec spec) {
        PlacementPolicy p = spec.placement();
        return with(spec, spec.flowsPerPair(), new PlacementPolicy(p.applicationCpu(), p.exclusive(), p.smt(), null,
                null, p.isolatedOnly(), p.maxCandidates()));
    }

    static RunSpec flows(RunSpec spec, int flowsPerPair) {
        return with(spec, flowsPerPair, spec.placement());
    }

    private static RunSpec with(RunSpec s, int flowsPerPair, PlacementPolicy placement) {
        return new RunSpec(s.sources(), s.destinations(), s.topology(), flowsPerPair, s.traffic(), s.duration(),
                s.warmup(), s.interval(), s.ipVersion(), placement, s.io(), s.socket(), s.whenBusy());
    }
}
