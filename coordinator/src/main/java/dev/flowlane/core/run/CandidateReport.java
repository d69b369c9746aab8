package dev.flowlane.core.run;

import dev.flowlane.core.placement.Steering;
import org.jspecify.annotations.Nullable;

/**
 * What one end says about one candidate connection.
 *
 * @param candidateId the number that the coordinator gave it
 * @param role which end reports
 * @param receiveCpu SO_INCOMING_CPU at this end after the handshake; -1 not known
 * @param failure why it could not be opened; null when it is open
 */
public record CandidateReport(
        int candidateId,
        FlowRole role,
        int receiveCpu,
        Steering steering,
        String localAddress,
        int localPort,
        String remoteAddress,
        int remotePort,
        @Nullable String failure) {}
