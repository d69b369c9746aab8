/** What becomes of real runs when processes, networks, clocks and machines fail: a test for each row of the matrix. */
@NullMarked
package dev.flowlane.faults;

import org.jspecify.annotations.NullMarked;
