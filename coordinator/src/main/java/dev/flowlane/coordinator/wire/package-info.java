/**
 * Between the bus and the core: every conversion of an Avro record into a core type and back lives here and nowhere
 * else in this module, so that the core never sees Avro and a change of a schema shows up in one place. Pure functions,
 * no state. The coordinator's loop and the command line call it. One class per record type; a converter refuses what it
 * does not understand with a value, never with an exception. New columns: add them to the schema, then to the one
 * converter, then to the round-trip test, which fails for a column that gets lost.
 */
@NullMarked
package dev.flowlane.coordinator.wire;

import org.jspecify.annotations.NullMarked;
