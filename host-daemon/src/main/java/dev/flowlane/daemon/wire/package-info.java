/**
 * Between the bus and {@code dev.flowlane.daemon.machine}: the only place of this module, besides the telemetry's
 * records and the inventory's, where Avro classes are named. A new column or command is a line here and a type there.
 * The shell of {@code dev.flowlane.daemon} is the only caller.
 */
@NullMarked
package dev.flowlane.daemon.wire;

import org.jspecify.annotations.NullMarked;
