package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.Role;

/** One end of one candidate connection of a run's attempt. */
public record CandidateKey(int candidateId, Role role) {}
