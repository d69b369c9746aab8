/** What is drawn. */
@NullMarked
package dev.flowlane.report;

import org.jspecify.annotations.NullMarked;
