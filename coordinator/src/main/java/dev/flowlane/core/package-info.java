/** Pure decisions: no I/O, no clock. */
@NullMarked
package dev.flowlane.core;

import org.jspecify.annotations.NullMarked;
