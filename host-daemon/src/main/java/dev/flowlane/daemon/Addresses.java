package dev.flowlane.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Addresses as a person writes them. */
final class Addresses {
    private static final int PORT_MAX = 65_535;

    private Addresses() {}

    /** Host and port as they stand; the host may be a name. */
    record HostAndPort(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** {@code ADDR}, {@code ADDR:PORT}, {@code [IPV6]}, {@code [IPV6]:PORT} or a bare IPv6 address; no names. */
    static InetSocketAddress data(String option, String text) {
        HostAndPort parsed = split(option, text, 0);
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(parsed.host()), parsed.port());
        } catch (IllegalArgumentException e) {
            throw StartupException.usage(option + " '" + text + "' is not ADDR[:PORT] with an IP address of this host,"
                    + " such as 10.77.0.7:7411 or [fd77::7]:7411; `ip address` lists them");
        }
    }

    /** {@code HOST:PORT} or {@code [IPV6]:PORT}. */
    static HostAndPort http(String option, String text) {
        HostAndPort parsed = split(option, text, -1);
        if (parsed.port() < 0 || parsed.host().isBlank()) {
            throw StartupException.usage(option + " '" + text + "' is not HOST:PORT, such as 127.0.0.1:9464");
        }
        return parsed;
    }

    private static HostAndPort split(String option, String text, int portWhenNone) {
        int bracket = text.lastIndexOf(']');
        int colon = text.lastIndexOf(':');
        boolean bareIpv6 = bracket < 0 && text.indexOf(':') != colon;
        boolean hasPort = !bareIpv6 && colon > bracket;
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return new HostAndPort(host, hasPort ? port(option, text, text.substring(colon + 1)) : portWhenNone);
    }

    private static int port(String option, String text, String port) {
        try {
            int number = Integer.parseInt(port);
            if (number >= 0 && number <= PORT_MAX) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw StartupException.usage(
                option + " '" + text + "': '" + port + "' is no port, allowed is 0 to " + PORT_MAX);
    }
}
