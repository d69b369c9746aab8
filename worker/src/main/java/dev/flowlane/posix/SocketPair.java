package dev.flowlane.posix;

/** Two descriptors connected to each other; both belong to whoever asked for them. */
public record SocketPair(int first, int second) {}
