/**
 * The command line, one class per command. It talks to topics alone: it sends {@link dev.flowlane.avro.RunCommand}s and
 * reads what the coordinator and the daemons publish, so it works the same for the local fleet and for a real one.
 * {@link dev.flowlane.cli.FlowlaneMain} is called by the launcher {@code flowlane}.
 *
 * <p>Data goes to standard output and everything else to standard error; text that came over the bus passes {@link
 * dev.flowlane.cli.Plain} before a person sees it. A failure is a {@link dev.flowlane.cli.CliException} with its exit
 * code and its mend; nobody else prints errors or ends the process.
 */
@NullMarked
package dev.flowlane.cli;

import org.jspecify.annotations.NullMarked;
