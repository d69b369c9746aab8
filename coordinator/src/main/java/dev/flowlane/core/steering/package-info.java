/**
 * Which CPU will receive a flow, told beforehand: from the way a host's interface hashes, which interrupt serves which
 * queue, and whom packet steering hands packets on to. From that {@link dev.flowlane.core.steering.SourcePorts} chooses
 * source ports whose flows land where they are wanted. A prediction is only ever a better guess: what counts is what
 * the kernel says of the open connection, and {@link dev.flowlane.core.steering.PredictionTrust} gives predictions up
 * where the two differ.
 *
 * <p>Pure, like all of the core. {@code core.run} calls it while it searches; {@code coordinator.wire} makes
 * {@link dev.flowlane.core.steering.HostNics} of host records.
 */
@NullMarked
package dev.flowlane.core.steering;

import org.jspecify.annotations.NullMarked;
