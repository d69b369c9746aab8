/**
 * Tests of placement: examples in {@code PlacementTest}, texts in {@code ExplanationTest}, and seeded random cases held
 * against {@code LaneChecker} (the rules, written down a second time) and {@code BruteForce}.
 */
@NullMarked
package dev.flowlane.core.placement;

import org.jspecify.annotations.NullMarked;
