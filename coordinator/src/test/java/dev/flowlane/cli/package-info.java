/** Tests of the command line; {@link dev.flowlane.cli.LocalFleetIT} runs the launcher and real processes. */
@NullMarked
package dev.flowlane.cli;

import org.jspecify.annotations.NullMarked;
