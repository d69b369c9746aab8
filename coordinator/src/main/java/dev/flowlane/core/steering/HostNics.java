package dev.flowlane.core.steering;

import java.util.Map;

/** The interfaces of a host by name. */
public record HostNics(Map<String, Nic> byName) {
    /** Nothing is known. */
    public static final HostNics UNKNOWN = new HostNics(Map.of());

    public HostNics {
        byName = Map.copyOf(byName);
    }
}
