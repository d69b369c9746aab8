package dev.flowlane.core.run;

import java.util.List;

/**
 * What measurements on a host depend on, as its daemon told it.
 *
 * @param fingerprint of the facts, computed by the daemon; empty: it told none
 * @param facts sorted by name
 */
public record HostEnvironment(String fingerprint, List<Fact> facts) {
    /** Nothing is known. */
    public static final HostEnvironment UNKNOWN = new HostEnvironment("", List.of());

    public HostEnvironment {
        facts = List.copyOf(facts);
    }

    /**
     * One thing.
     *
     * @param name stable and dotted, such as {@code kernel.release}
     */
    public record Fact(String name, String content) {}

    /** The environment of a host that took part in a run. */
    public record Of(String hostId, HostEnvironment environment) {}
}
