/** Tests of the runs' life, above all {@link dev.flowlane.core.run.FleetSimulationTest}. */
@NullMarked
package dev.flowlane.core.run;

import org.jspecify.annotations.NullMarked;
