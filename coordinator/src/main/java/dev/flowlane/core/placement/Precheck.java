package dev.flowlane.core.placement;

/** What can be said before any connection is open. */
public sealed interface Precheck permits Precheck.Fits, PlacementOutcome.Blocked, PlacementOutcome.Refused {
    /** Nothing speaks against trying. */
    record Fits() implements Precheck {}
}
