package dev.flowlane.core.placement;

/** Connections to open in addition to those that are open: {@code count} is at least 1. */
public record CandidateDemand(HostPair pair, int count) {}
