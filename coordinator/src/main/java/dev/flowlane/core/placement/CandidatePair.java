package dev.flowlane.core.placement;

/** A candidate that both ends have reported. */
public record CandidatePair(
        int candidateId,
        String sourceHostId,
        String destinationHostId,
        CandidateEnd source,
        CandidateEnd destination) {}
