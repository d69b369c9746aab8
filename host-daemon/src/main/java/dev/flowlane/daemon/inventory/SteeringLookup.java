package dev.flowlane.daemon.inventory;

import dev.flowlane.daemon.machine.Steering;
import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Steering on the running system. Interfaces are read anew when what is known is older than {@value #FRESH_NS} ns, so
 * that hundreds of connections in a row cost one look. For one thread.
 */
public final class SteeringLookup {
    private static final long FRESH_NS = 2_000_000_000L;

    private final Pseudo files;
    private final LongSupplier clockNs;
    private @Nullable SteeringDetector detector;
    private long readNs;

    /** Reads below {@code root}; {@code clockNs} is monotonic. */
    public SteeringLookup(Path root, LongSupplier clockNs) {
        this.files = new Pseudo(root);
        this.clockNs = clockNs;
    }

    public Steering ofConnection(InetAddress local, InetAddress remote) {
        return fresh().ofConnection(local, remote);
    }

    /** What is known now, read again when it is too old. */
    public SteeringDetector fresh() {
        long nowNs = clockNs.getAsLong();
        SteeringDetector known = detector;
        if (known == null || nowNs - readNs > FRESH_NS) {
            known = new SteeringDetector(Link.readAll(files), addresses());
            detector = known;
            readNs = nowNs;
        }
        return known;
    }

    private static Map<InetAddress, String> addresses() {
        Map<InetAddress, String> bearers = new HashMap<>();
        try {
            NetworkInterface.networkInterfaces()
                    .forEach(network -> network.inetAddresses()
                            .forEach(address -> bearers.put(address, network.getName())));
        } catch (SocketException e) {
            return Map.of();
        }
        return bearers;
    }
}
