/**
 * Whether two runs differ: medians over their trials, how sure one can be of the change, and whether chance explains
 * it. Pure; called by the command line's {@code compare}.
 */
@NullMarked
package dev.flowlane.core.compare;

import org.jspecify.annotations.NullMarked;
