/** Tests of the spec, its text form and its rules. */
@NullMarked
package dev.flowlane.core.spec;

import org.jspecify.annotations.NullMarked;
