/** Tests of the local fleet's parts that need no broker. */
@NullMarked
package dev.flowlane.localfleet;

import org.jspecify.annotations.NullMarked;
