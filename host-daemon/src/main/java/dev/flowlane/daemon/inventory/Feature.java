package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.KernelFeature;

/**
 * Whether a run can have something of this host's kernel and devices.
 *
 * @param reason why not, and what helps; of an available one what it was seen at, or empty
 */
public record Feature(KernelFeature feature, boolean available, String reason) {}
