package dev.flowlane.core.run;

import java.util.List;

/**
 * What one input led to.
 *
 * @param next the state afterwards
 * @param effects to be carried out in this order, all or none
 */
public record Step(FleetState next, List<Effect> effects) {
    public Step {
        effects = List.copyOf(effects);
    }
}
