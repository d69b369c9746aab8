/**
 * Which connection becomes which flow, on which CPUs. {@link dev.flowlane.core.placement.Placement} is the whole of it:
 * the coordinator, {@code flowlane plan} and the simulation call {@code precheck} before connections are opened and
 * {@code place} whenever candidates have come in. Pure and deterministic: the same request gives the same answer. The
 * {@link dev.flowlane.core.placement.Ledger} holds the claims of all live runs; {@code Claim.conflictsWith} is the one
 * place that says what two flows may not share, and everything else (options, matching, checker) asks it or is tested
 * against it.
 */
@NullMarked
package dev.flowlane.core.placement;

import org.jspecify.annotations.NullMarked;
