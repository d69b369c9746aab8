package dev.flowlane.core.run;

import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Pairs;
import dev.flowlane.core.spec.RunSpec;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** The hosts of a run. */
final class RunHosts {
    private RunHosts() {}

    /** All of them, destinations first: they must be ready for what the sources begin. */
    static Collection<String> of(RunSpec spec) {
        Set<String> hosts = destinations(spec);
        hosts.addAll(sources(spec));
        return hosts;
    }

    static Set<String> sources(RunSpec spec) {
        Set<String> hosts = new LinkedHashSet<>();
        for (HostPair pair : Pairs.of(spec)) {
            hosts.add(pair.source());
        }
        return hosts;
    }

    static Set<String> destinations(RunSpec spec) {
        Set<String> hosts = new LinkedHashSet<>();
        for (HostPair pair : Pairs.of(spec)) {
            hosts.add(pair.destination());
        }
        return hosts;
    }

    /** Whether the host has a part in the run. */
    static boolean contains(RunSpec spec, String hostId) {
        return spec.sources().contains(hostId) || spec.destinations().contains(hostId);
    }
}
