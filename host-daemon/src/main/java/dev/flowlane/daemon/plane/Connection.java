package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.posix.AddressText;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.Role;
import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;

/** One socket of the data plane and how far it is. Belongs to the plane's thread. */
final class Connection {
    enum Stage {
        CONNECTING,
        SHAKING,
        /** The client named a run that nothing is known of yet. */
        UNEXPECTED,
        /** Proven; the UDP sockets beside it are not connected yet. */
        PAIRING,
        OPEN
    }

    final long token;
    final int fd;
    final Role role;
    final InetSocketAddress remote;
    Stage stage;
    Handshake handshake;
    long deadlineNs;

    /** Known from the start at the client, after the greeting at the server. */
    @Nullable RunRef run;

    int candidateId = -1;

    /** Of this very connection; once it is open. */
    @Nullable FlowSecret secret;

    /** Whether a UDP socket belongs to it, and what became of that. */
    boolean datagrams;

    @Nullable Pairing pairing;

    /** Source: where its UDP socket comes from; port 0: the kernel chooses. */
    int datagramPort;

    @Nullable String device;

    Connection(
            long token,
            int fd,
            Role role,
            InetSocketAddress remote,
            Stage stage,
            Handshake handshake,
            long deadlineNs) {
        this.token = token;
        this.fd = fd;
        this.role = role;
        this.remote = remote;
        this.stage = stage;
        this.handshake = handshake;
        this.deadlineNs = deadlineNs;
    }

    CandidateKey key() {
        return new CandidateKey(candidateId, role);
    }

    static Endpoint endpoint(InetSocketAddress address) {
        return new Endpoint(AddressText.of(address.getAddress()), address.getPort());
    }
}
