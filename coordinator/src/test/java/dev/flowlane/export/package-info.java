/** Files for other tools, read back by other tools. */
@NullMarked
package dev.flowlane.export;

import org.jspecify.annotations.NullMarked;
