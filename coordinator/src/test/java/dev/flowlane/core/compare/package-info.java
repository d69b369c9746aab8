/** Statistics against worked examples. */
@NullMarked
package dev.flowlane.core.compare;

import org.jspecify.annotations.NullMarked;
