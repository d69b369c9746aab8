package dev.flowlane.coordinator;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;

/**
 * Where the HTTP server listens.
 *
 * @param host name or address, without brackets
 * @param port 0 for any free one
 */
record HttpAddress(String host, int port) {
    static final String DEFAULT = "127.0.0.1:0";

    HttpAddress {
        if (host.isBlank()) {
            throw new IllegalArgumentException("the host is missing");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "port %d is not within 0 and 65535", port));
        }
    }

    /**
     * {@code HOST:PORT} or {@code [IPV6]:PORT}.
     *
     * @throws IllegalArgumentException with what is wrong
     */
    static HttpAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "an IPv6 address needs brackets: [" + host + "]" + text.substring(colon));
        }
        try {
            return new HttpAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text.substring(colon + 1) + "' is not a port number", e);
        }
    }

    /** The same host with the port that was really bound. */
    HttpAddress withPort(int bound) {
        return new HttpAddress(host, bound);
    }

    /** Whether only this host can reach it; false when the name cannot be resolved. */
    boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
