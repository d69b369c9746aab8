/**
 * The coordinator's process around the pure core: it reads the bus, asks {@code core.run.Fleet} what follows, and
 * writes that back in one transaction per turn.
 *
 * <p>{@code CoordinatorMain} wires everything. {@code Coordinator} is the loop's thread: one {@code Session} after the
 * other, each from replay to the first error. {@code Decider} holds the fleet's state and timers, {@code Journal} is
 * the only writer, {@code BrokerClock} the only clock that decisions see. The loop publishes an immutable {@code
 * Snapshot}; {@code HttpApi} and {@code Metrics} read nothing else of it, so no lock is needed anywhere. The page's
 * figures ({@code RunWatch}, {@code FleetWatch}) and its commands ({@code CommandDesk}) have threads and clients of
 * their own, which the loop never sees.
 *
 * <p>What may be touched: everything here is internal to the process, except {@code CoordinatorMain}'s options, the
 * HTTP paths, the metric names and the log line {@code ready http=...}, on which scripts, dashboards and the local
 * fleet rely. Conversions belong into {@code wire}, decisions into the core.
 */
@NullMarked
package dev.flowlane.coordinator;

import org.jspecify.annotations.NullMarked;
