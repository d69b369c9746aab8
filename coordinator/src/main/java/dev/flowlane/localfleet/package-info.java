/**
 * The local fleet: a broker, a coordinator and two host daemons as child processes of the command line, for a first
 * measurement and for trying things out. {@link dev.flowlane.localfleet.LocalFleets} is what {@code run}, {@code up},
 * {@code status} and {@code down} call; everything else here serves it.
 *
 * <p>One state directory holds at most one fleet. Two locks guard it: {@code fleet.lock} is held while a fleet is
 * started, stopped or looked up, and {@code users.lock} is held shared by every command that uses a fleet, so that a
 * {@code run} does not stop its own fleet under the hands of another one that joined it. Services are started through
 * the launcher script, which alone knows class paths and JVM options.
 */
@NullMarked
package dev.flowlane.localfleet;

import org.jspecify.annotations.NullMarked;
