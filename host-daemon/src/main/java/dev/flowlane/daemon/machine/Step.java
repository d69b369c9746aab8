package dev.flowlane.daemon.machine;

import java.util.List;

/** What one input leads to. */
public record Step(HostState state, List<Effect> effects) {
    public Step {
        effects = List.copyOf(effects);
    }
}
