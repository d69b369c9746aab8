/**
 * The host daemon's shell: {@link dev.flowlane.daemon.HostDaemonMain} reads the options and builds everything from top
 * to bottom; {@code MachineLoop} owns the state on one Vert.x context, feeds {@code HostMachine} and carries out what
 * it decides; the rest connects it with the world: Kafka ({@code CommandReader}, {@code EventWriter}), HTTP, the state
 * folder, the process's own threads.
 *
 * <p>Decisions belong into {@code machine}, system calls into {@code plane} and {@code workers}. Nobody calls this
 * package; the launcher starts its main class.
 */
@NullMarked
package dev.flowlane.daemon;

import org.jspecify.annotations.NullMarked;
