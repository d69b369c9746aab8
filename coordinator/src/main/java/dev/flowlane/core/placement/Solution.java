package dev.flowlane.core.placement;

import java.util.List;

/**
 * Flows of one component that fit together.
 *
 * @param largest whether it is proven that no more of them fit
 * @param impossible whether it is proven that not all of them fit
 */
record Solution(List<Chosen> chosen, boolean largest, boolean impossible) {
    Solution {
        chosen = List.copyOf(chosen);
    }

    /** A candidate that becomes a flow; an application CPU of -1 is not pinned. */
    record Chosen(Group group, int candidateId, int sourceApplicationCpu, int destinationApplicationCpu) {}

    int size() {
        return chosen.size();
    }
}
