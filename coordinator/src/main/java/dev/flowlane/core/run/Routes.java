package dev.flowlane.core.run;

import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.run.HostAnnouncement.DataAddress;
import dev.flowlane.core.spec.RunSpec;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Between which data addresses the flows of a pair go. */
public final class Routes {
    private Routes() {}

    /** A source address to bind to and the listener to connect to. */
    public record Route(DataAddress source, DataAddress destination) {}

    /**
     * The first address of each host in the spec's IP version; version 4 before 6 where the spec leaves it open.
     * Between machines a loopback address is the last choice: it leads there only where namespaces stand for machines.
     */
    static Optional<Route> between(RunSpec spec, HostView source, HostView destination) {
        return between(spec, source.announced(), destination.announced());
    }

    /** The same for hosts that are only known by what they announce. */
    public static Optional<Route> between(RunSpec spec, HostAnnouncement source, HostAnnouncement destination) {
        boolean oneMachine = source.cpus().machineId().equals(destination.cpus().machineId());
        return versions(spec)
                .flatMap(version -> address(source, version, oneMachine).stream()
                        .flatMap(from -> address(destination, version, oneMachine).stream()
                                .map(to -> new Route(from, to))))
                .min(Comparator.comparing(route -> !oneMachine && loopback(route.destination())));
    }

    private static Stream<Integer> versions(RunSpec spec) {
        return spec.ipVersion() == RunSpec.ANY_IP_VERSION ? Stream.of(4, 6) : Stream.of(spec.ipVersion());
    }

    private static Optional<DataAddress> address(HostAnnouncement host, int ipVersion, boolean oneMachine) {
        return host.dataAddresses().stream()
                .filter(address -> address.ipVersion() == ipVersion)
                .min(Comparator.comparing(address -> !oneMachine && loopback(address)));
    }

    private static boolean loopback(DataAddress address) {
        return address.address().startsWith("127.") || address.address().equals("::1");
    }

    /** Why there is no route, and what would mend it. */
    static String missing(RunSpec spec, HostPair pair, HostView source, HostView destination) {
        String wanted = spec.ipVersion() == RunSpec.ANY_IP_VERSION ? "an IP version" : "IPv" + spec.ipVersion();
        return pair.source() + " and " + pair.destination() + " do not share " + wanted + ": " + describe(source)
                + ", " + describe(destination)
                + "; give their daemons a --data-address of that version, or change ip-version";
    }

    private static String describe(HostView host) {
        List<DataAddress> addresses = host.announced().dataAddresses();
        return host.hostId() + " announces "
                + (addresses.isEmpty()
                        ? "no data address"
                        : addresses.stream().map(DataAddress::address).collect(Collectors.joining(" ")));
    }
}
