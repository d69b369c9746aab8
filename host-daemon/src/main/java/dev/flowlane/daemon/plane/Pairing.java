package dev.flowlane.daemon.plane;

/** The UDP socket beside a proven connection, on its way to its peer's. Belongs to the plane's thread. */
final class Pairing {
    /** Of the epoll. */
    final long token;

    final int fd;
    final byte[] secret;

    /** How often the source has sent the secret. */
    int sent;

    Pairing(long token, int fd, byte[] secret) {
        this.token = token;
        this.fd = fd;
        this.secret = secret;
    }
}
