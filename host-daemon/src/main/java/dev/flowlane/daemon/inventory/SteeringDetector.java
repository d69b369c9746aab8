package dev.flowlane.daemon.inventory;

import dev.flowlane.daemon.machine.Steering;
import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who decides the receive CPU of a connection, judged by the interfaces of one network namespace. It is an expectation:
 * only what the kernel shows after pinning is a fact.
 */
public final class SteeringDetector {
    private static final int MAX_DEPTH = 8;

    private final Map<String, Link> links = new HashMap<>();
    private final Map<InetAddress, String> bearers;

    /** Addresses of the namespace with the names of the interfaces that bear them. */
    public SteeringDetector(List<Link> links, Map<InetAddress, String> bearers) {
        for (Link link : links) {
            this.links.put(link.name(), link);
        }
        this.bearers = Map.copyOf(bearers);
    }

    /** Name of the interface that bears an address. */
    public Optional<String> interfaceOf(InetAddress local) {
        return Optional.ofNullable(bearers.get(local));
    }

    /** Of what comes from another machine to this address. */
    public Steering ofAddress(InetAddress local) {
        return local.isLoopbackAddress() ? loopback() : ofInterface(bearers.get(local), 0, new HashSet<>());
    }

    /** Of what comes from {@code remote} to {@code local}. */
    public Steering ofConnection(InetAddress local, InetAddress remote) {
        // Packets between addresses of one namespace pass through its loopback interface, whoever bears them.
        boolean within = remote.isLoopbackAddress() || bearers.containsKey(remote);
        return within ? loopback() : ofAddress(local);
    }

    private Steering loopback() {
        return links.values().stream()
                .filter(link -> link.kind() == Link.Kind.LOOPBACK)
                .findFirst()
                .map(SteeringDetector::software)
                .orElse(Steering.FOLLOWS_SENDER);
    }

    private Steering ofInterface(@Nullable String name, int depth, Set<String> seen) {
        Link link = name == null ? null : links.get(name);
        if (link == null || depth > MAX_DEPTH || !seen.add(link.name())) {
            return Steering.UNKNOWN;
        }
        return switch (link.kind()) {
            case LOOPBACK, VETH -> software(link);
            case DEVICE -> device(link);
            case STACKED -> steered(link) ? software(link) : below(link, depth, seen);
            case OTHER -> steered(link) ? software(link) : Steering.UNKNOWN;
        };
    }

    /** One queue is a hash with one result. */
    private static Steering device(Link link) {
        if (link.flowSteering()) {
            return Steering.FOLLOWS_RECEIVER;
        }
        // A polling thread moves from CPU to CPU; RPS hands packets on from wherever it is.
        return link.threaded() && !link.packetSteering() ? Steering.UNKNOWN : Steering.HASHED;
    }

    /** Of interfaces that do not differ; a bridge with unlike ports tells nothing. */
    private Steering below(Link link, int depth, Set<String> seen) {
        Set<Steering> found = new HashSet<>();
        for (String name : link.lower()) {
            found.add(ofInterface(name, depth + 1, seen));
        }
        return found.size() == 1 ? found.iterator().next() : Steering.UNKNOWN;
    }

    private static boolean steered(Link link) {
        return link.packetSteering() || link.flowSteering();
    }

    /**
     * Of packets that another CPU's transmission delivers. The flow table is asked first, and works without RPS CPUs
     * (get_rps_cpu in net/core/dev.c).
     */
    private static Steering software(Link link) {
        if (link.flowSteering()) {
            return Steering.FOLLOWS_RECEIVER;
        }
        return link.packetSteering() ? Steering.HASHED : Steering.FOLLOWS_SENDER;
    }
}
