/**
 * From a worker's interval to records on the result topics, and to the flows' figures for Prometheus.
 *
 * <p>{@link dev.flowlane.daemon.telemetry.Telemetry} has a thread of its own, because a send may wait for Kafka and
 * neither a worker nor the daemon's context may. What an interval's bytes hold is taken out once, into a
 * {@code DecodedInterval}; round trips stay the few counters that count anything ({@code RecordedRoundTrips}), because
 * a whole histogram of each of some hundred flows is more than the daemon's heap. {@code Drift},
 * {@code IntervalRecords}, {@code RoundTrips} and {@code IntervalSums} are pure functions of what the worker measured:
 * a new column is a line there.
 *
 * <p>{@link dev.flowlane.daemon.telemetry.FlowFigures} is a fold over lanes, intervals and ends and knows nothing of
 * Prometheus; {@link dev.flowlane.daemon.telemetry.FlowCollector} shows it when somebody scrapes, and is not loaded
 * before. Only what happens in this process is counted: nothing is read back from a topic.
 *
 * <p>The shell of {@code dev.flowlane.daemon} is the only caller.
 */
@NullMarked
package dev.flowlane.daemon.telemetry;

import org.jspecify.annotations.NullMarked;
