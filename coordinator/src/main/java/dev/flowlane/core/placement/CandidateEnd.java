package dev.flowlane.core.placement;

/**
 * One end of an open candidate connection.
 *
 * @param receiveCpu SO_INCOMING_CPU after the handshake; -1 when the kernel did not say
 */
public record CandidateEnd(String address, int port, int receiveCpu, Steering steering) {}
