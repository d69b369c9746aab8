/**
 * Charts as inline SVG for a page that stands alone: scales, line charts, the map of lanes. Pure; knows numbers and
 * names, nothing of runs. Called by the command line's {@code report}.
 */
@NullMarked
package dev.flowlane.report;

import org.jspecify.annotations.NullMarked;
