package dev.flowlane.core.placement;

/** A source host and a destination host. */
public record HostPair(String source, String destination) {
    @Override
    public String toString() {
        return source + " → " + destination;
    }
}
