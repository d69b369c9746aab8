package dev.flowlane.daemon.machine;

/** A literal IP address and a port: of UDP when the traffic goes over it, of TCP otherwise. */
public record Endpoint(String address, int port) {
    /** Before anything is known. */
    public static final Endpoint NONE = new Endpoint("", 0);

    @Override
    public String toString() {
        return address.indexOf(':') >= 0 ? "[" + address + "]:" + port : address + ":" + port;
    }
}
