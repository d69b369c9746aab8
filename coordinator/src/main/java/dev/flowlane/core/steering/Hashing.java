package dev.flowlane.core.steering;

import org.jspecify.annotations.Nullable;

/**
 * How an interface picks a receive queue, as far as it tells.
 *
 * @param toeplitz whether the hash function is known to be Toeplitz
 * @param keyHex key in hexadecimal digits; empty unknown
 * @param symmetric both directions of a flow are made to hash alike, by a function of the driver's own
 * @param tcp4Fields what is hashed of TCP over IPv4, in ethtool's letters; empty unknown
 * @param tcp6Fields the same of TCP over IPv6
 * @param table null unknown
 * @param reported whether packets carry the hash, so that RPS uses it; false when unknown
 */
public record Hashing(
        boolean toeplitz,
        String keyHex,
        boolean symmetric,
        String tcp4Fields,
        String tcp6Fields,
        @Nullable IndirectionTable table,
        boolean reported) {}
