/** Checks against hosts that are made up. */
@NullMarked
package dev.flowlane.core.doctor;

import org.jspecify.annotations.NullMarked;
