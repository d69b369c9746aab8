/**
 * What has to be true of everything on the topics, whatever died, lied or lagged: {@link
 * dev.flowlane.core.check.Checker} takes in records in the core's types and names what contradicts one of the ten
 * {@link dev.flowlane.core.check.Invariant}s. The simulation feeds it after every step, the fault tests and {@code
 * flowlane verify} feed it from the real topics. Pure: a new rule belongs into the class of the records that it is
 * about, with a line in {@code CheckerTest} that breaks it.
 */
@NullMarked
package dev.flowlane.core.check;

import org.jspecify.annotations.NullMarked;
