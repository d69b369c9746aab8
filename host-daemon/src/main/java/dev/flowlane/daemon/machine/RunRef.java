package dev.flowlane.daemon.machine;

/** One attempt to place and carry out one run; connections, workers and answers belong to it, not to the run. */
public record RunRef(String runId, int attempt) {}
