/**
 * The life of every run as a pure function: {@link dev.flowlane.core.run.Fleet#step} takes the state of the fleet, one
 * input and the time, and gives the next state and the effects that the shell has to carry out. There is no clock, no
 * I/O, no randomness and no wire format here, so the same inputs always lead to the same effects; a restart of the
 * coordinator is {@link dev.flowlane.core.run.Input.CoordinatorStarted} with the run records that were written before.
 *
 * <p>Called by the coordinator's shell, which turns records of the bus into inputs and effects into records and timers.
 * Where flows go is decided in {@code core.placement}, what a spec may say in {@code core.spec}. A new input or state
 * is a compile error in every switch that has to answer it; keep it so (no {@code default}).
 */
@NullMarked
package dev.flowlane.core.run;

import org.jspecify.annotations.NullMarked;
