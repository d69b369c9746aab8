package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What became of one option of a flow end's socket. Numbers are in the kernel's units: bytes, bytes per second,
 * milliseconds.
 *
 * @param name as in the kernel's headers, such as {@code TCP_MAXSEG}; {@code DSCP} for the six bits of IP_TOS or
 *     IPV6_TCLASS, {@code IPV6_FLOWLABEL} for the label sent (source) or the one that arrived (destination);
 *     {@code TLS_TX} and {@code TLS_RX} with version and cipher; {@code MAP_HUGETLB} with the bytes in huge pages
 * @param asked what was asked for; null: nothing was
 * @param effective what the kernel said at the end of the flow; null: it did not tell
 */
public record AppliedOption(
        String name,
        @Nullable String asked,
        @Nullable String effective) {}
