/**
 * What there is on this machine: CPUs and their topology, network interfaces and how they steer received packets, the
 * kernel. Everything is read from {@code /proc} and {@code /sys} below a given root, so that tests use trees of their
 * own; a file that is missing or unreadable means "unknown", never a failure.
 *
 * <p>{@code HostDaemonMain} reads the inventory once at start, the data plane asks for the steering of each connection.
 */
@NullMarked
package dev.flowlane.daemon.inventory;

import org.jspecify.annotations.NullMarked;
