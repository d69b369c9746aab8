@NullMarked
package dev.flowlane.core.steering;

import org.jspecify.annotations.NullMarked;
