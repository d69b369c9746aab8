package dev.flowlane.core.placement;

import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Which open candidates can no longer help a search, so that hosts need not hold their connections: those that the
 * spec, the hosts' CPUs or live claims rule out at one end or the other, and those that lead to the same CPUs as
 * earlier ones that are kept. Of candidates whose receive CPUs hashing decides one of a kind is kept; of others as many
 * as the pair has flows.
 *
 * <p>Claims may go while the search is on, and a closed candidate would then have helped: another connection that
 * arrives at its CPUs will. Until then it belongs into {@link PlacementRequest#closed}, so that a refusal tells of it
 * and names the runs in its way.
 */
public final class Closable {
    private Closable() {}

    /** Ids of candidates of the request that can be closed now; {@link Placement#place} answers the same without. */
    public static NavigableSet<Integer> of(PlacementRequest asked) {
        PlacementRequest request = asked.withoutOwnClaims();
        // Whatever may be the last resort of a flow counts as useful until the end.
        Search early = Placement.search(request, request.others(), false);
        Search last = Placement.search(request, request.others(), true);
        var closable = new TreeSet<Integer>();
        request.candidates().forEach(candidate -> closable.add(candidate.candidateId()));
        keep(early, closable);
        keep(last, closable);
        return closable;
    }

    private static void keep(Search search, NavigableSet<Integer> closable) {
        for (Component component : search.components()) {
            for (Group group : component.groups()) {
                group.candidateIds.stream().limit(group.uses(component.need())).forEach(closable::remove);
            }
        }
    }
}
