package dev.flowlane.core.steering;

/**
 * Addresses and ports of a packet, as the interface that receives it sees them.
 *
 * @param sourcePort 0 to 65535
 * @param destinationPort 0 to 65535
 */
public record FourTuple(IpAddress source, int sourcePort, IpAddress destination, int destinationPort) {
    private static final int PORT_MAX = 65_535;

    public FourTuple {
        if (source.sizeBytes() != destination.sizeBytes()) {
            throw new IllegalArgumentException("a packet has two addresses of one IP version");
        }
        if (sourcePort < 0 || sourcePort > PORT_MAX || destinationPort < 0 || destinationPort > PORT_MAX) {
            throw new IllegalArgumentException("a port is 0 to 65535, not " + sourcePort + ", " + destinationPort);
        }
    }

    /** Of the packets that come back. */
    public FourTuple reversed() {
        return new FourTuple(destination, destinationPort, source, sourcePort);
    }

    /** The same from another source port. */
    FourTuple from(int port) {
        return new FourTuple(source, port, destination, destinationPort);
    }
}
