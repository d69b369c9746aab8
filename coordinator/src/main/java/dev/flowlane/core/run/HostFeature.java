package dev.flowlane.core.run;

/**
 * Something that a host's kernel and devices can do or not, as its daemon found out.
 *
 * @param name word of a {@link dev.flowlane.posix.KernelFeature}, or of one that only a newer daemon knows
 * @param reason why it is not available, and what helps; may be empty
 */
public record HostFeature(String name, boolean available, String reason) {}
