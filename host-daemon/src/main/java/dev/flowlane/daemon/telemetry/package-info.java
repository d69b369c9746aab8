/**
 * From a worker's interval to records on the result topics.
 *
 * <p>{@link dev.flowlane.daemon.telemetry.Telemetry} has a thread of its own, because a send may wait for Kafka and
 * neither a worker nor the daemon's context may. {@code Drift}, {@code IntervalRecords}, {@code RoundTrips} and
 * {@code IntervalSums} are pure functions of what the worker measured: a new column is a line there. The shell of
 * {@code dev.flowlane.daemon} is the only caller.
 */
@NullMarked
package dev.flowlane.daemon.telemetry;

import org.jspecify.annotations.NullMarked;
