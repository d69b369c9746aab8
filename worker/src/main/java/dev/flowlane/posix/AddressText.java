package dev.flowlane.posix;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * IP addresses as people and records write them: IPv4 dotted, IPv6 by RFC 5952, where Java writes
 * {@code 0:0:0:0:0:0:0:1}. One address has one text, so that texts can be compared. Makes no system call.
 */
public final class AddressText {
    private static final int GROUPS = 8;

    private AddressText() {}

    /** {@code 10.0.0.2}, {@code fd00::2}; a scope as {@code %} and its number. */
    public static String of(InetAddress address) {
        return address instanceof Inet6Address inet6 ? inet6(inet6) : address.getHostAddress();
    }

    /** Lower case, no leading zeros, the first longest run of two or more zero groups as {@code ::}. */
    private static String inet6(Inet6Address address) {
        byte[] bytes = address.getAddress();
        StringBuilder text = new StringBuilder();
        int bestStart = -1;
        int bestLength = 1;
        for (int start = 0; start < GROUPS; start++) {
            int length = 0;
            while (start + length < GROUPS && group(bytes, start + length) == 0) {
                length++;
            }
            if (length > bestLength) {
                bestStart = start;
                bestLength = length;
            }
        }
        for (int index = 0; index < GROUPS; index++) {
            if (index == bestStart) {
                text.append("::");
                index += bestLength - 1;
                continue;
            }
            boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
            text.append(first ? "" : ":").append(Integer.toHexString(group(bytes, index)));
        }
        return address.getScopeId() == 0 ? text.toString() : text + "%" + address.getScopeId();
    }

    private static int group(byte[] bytes, int index) {
        return Byte.toUnsignedInt(bytes[2 * index]) << 8 | Byte.toUnsignedInt(bytes[2 * index + 1]);
    }
}
