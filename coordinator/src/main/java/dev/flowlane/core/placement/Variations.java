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
        return with(spec, spec.flowsPerPair(), spec.placement().withApplicationCpu(applicationCpu));
    }

    static RunSpec exclusive(RunSpec spec, Exclusive exclusive) {
        return with(spec, spec.flowsPerPair(), spec.placement().withExclusive(exclusive));
    }

    static RunSpec smt(RunSpec spec, Smt smt) {
        return with(spec, spec.flowsPerPair(), spec.placement().withSmt(smt));
    }

    static RunSpec withoutIsolation(RunSpec spec) {
        return with(spec, spec.flowsPerPair(), spec.placement().withIsolatedOnly(false));
    }

    static RunSpec withoutCpuSets(RunSpec spec) {
        return with(spec, spec.flowsPerPair(), spec.placement().withCpus(null, null));
    }

    static RunSpec flows(RunSpec spec, int flowsPerPair) {
        return with(spec, flowsPerPair, spec.placement());
    }

    private static RunSpec with(RunSpec s, int flowsPerPair, PlacementPolicy placement) {
        return new RunSpec(s.sources(), s.destinations(), s.topology(), flowsPerPair, s.traffic(), s.duration(),
                s.warmup(), s.interval(), s.ipVersion(), placement, s.io(), s.socket(), s.whenBusy(), s.conduct(),
                s.course());
    }
}
