/** Tests of what is asked of the coordinator over the bus. */
@NullMarked
package dev.flowlane.request;

import org.jspecify.annotations.NullMarked;
