package dev.flowlane.daemon.plane;

/** The UDP socket beside a proven connection, on its way to its peer's. Belongs to the plane's thread. */
final class Pairing {
    /** Of the epoll. */
    final long token;

    final int fd;
    final byte[] secret;

    /** Source: what it says now, and how often it has said it. */
    byte word = Pairings.KNOCK;

    int sent;

    /** Destination: whether its socket is connected to where the secret came from. */
    boolean connected;

    Pairing(long token, int fd, byte[] secret) {
        this.token = token;
        this.fd = fd;
        this.secret = secret;
    }
}
