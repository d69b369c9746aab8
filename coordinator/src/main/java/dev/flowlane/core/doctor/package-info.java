/**
 * What on a host would spoil a measurement, each with the command that mends it. Pure checks over a {@link
 * dev.flowlane.core.doctor.HostSnapshot}; called by the command line's {@code doctor}, for this host or, from its
 * record on the bus, for any other.
 */
@NullMarked
package dev.flowlane.core.doctor;

import org.jspecify.annotations.NullMarked;
