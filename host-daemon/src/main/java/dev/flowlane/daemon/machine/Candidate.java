package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.Role;
import org.jspecify.annotations.Nullable;

/**
 * One end of a candidate connection: open and proven, or failed.
 *
 * @param receiveCpu SO_INCOMING_CPU after the handshake; -1 when the kernel does not say
 * @param failure why it could not be opened, for a person; null when it is open
 */
public record Candidate(
        int candidateId,
        Role role,
        int receiveCpu,
        Steering steering,
        Endpoint local,
        Endpoint remote,
        @Nullable String failure) {

    public static Candidate failed(int candidateId, Role role, Endpoint local, Endpoint remote, String failure) {
        return new Candidate(candidateId, role, -1, Steering.UNKNOWN, local, remote, failure);
    }

    public CandidateKey key() {
        return new CandidateKey(candidateId, role);
    }

    public boolean isOpen() {
        return failure == null;
    }
}
