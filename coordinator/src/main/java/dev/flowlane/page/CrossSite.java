package dev.flowlane.page;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Keeps other web sites, whose scripts run in the browser of somebody who may reach this server, from acting in that
 * person's place. Programs that are no browsers send none of the headers looked at here, and pass.
 */
public final class CrossSite {
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|[a-z0-9-]+\\.localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

    private CrossSite() {}

    /**
     * The headers that tell where a request comes from.
     *
     * @param host {@code Host}, or HTTP/2's authority
     * @param origin {@code Origin}
     * @param fetchSite {@code Sec-Fetch-Site}
     */
    public record Headers(@Nullable String host, @Nullable String origin, @Nullable String fetchSite) {}

    /** Why a request that changes something may not come from there; null when it may. */
    public static @Nullable String writeProblem(Headers headers) {
        String site = headers.fetchSite();
        if (site != null && !site.equals("same-origin")) {
            return "the request comes from another web site (Sec-Fetch-Site: " + PageQuery.printable(site) + ")";
        }
        String origin = headers.origin();
        if (origin != null) {
            int scheme = origin.indexOf("://");
            String authority = scheme < 0 ? "" : origin.substring(scheme + 3);
            if (!authority.equalsIgnoreCase(headers.host())) {
                return "the request comes from another web site (Origin: " + PageQuery.printable(origin) + ")";
            }
        }
        return null;
    }

    /**
     * Why a request that needs no credentials may not bear this name; null when it may. A site may give its own name
     * the address of loopback (DNS rebinding) and then has its origin; the name shows it.
     *
     * @param listens the name that the server was told to listen on
     */
    public static @Nullable String hostProblem(Headers headers, String listens) {
        String host = headers.host() == null ? "" : headers.host().toLowerCase(Locale.ROOT);
        String name = host.replaceFirst(":[0-9]*$", "");
        if (LOOPBACK.matcher(name).matches() || name.equals(listens.toLowerCase(Locale.ROOT))) {
            return null;
        }
        return "the request is for '" + PageQuery.printable(host) + "', and without tokens this server answers on"
                + " loopback names alone; allowed: localhost, 127.0.0.1, [::1]";
    }
}
