package dev.flowlane.bus;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An external schema registry, under the names that Confluent's serializers give these properties.
 *
 * @param urls of its servers, asked in this order until one answers; without a slash at the end
 * @param authorization value of the {@code Authorization} header; null for none
 * @param register whether schemas that the registry lacks are registered
 */
record RegistrySettings(List<String> urls, @Nullable String authorization, boolean register) {
    static final String URL = "schema.registry.url";
    static final String USER_INFO = "basic.auth.user.info";
    static final String TOKEN = "bearer.auth.token";
    static final String REGISTER = "auto.register.schemas";

    /** Not Kafka's: its clients would only warn of them. */
    static final Set<String> PROPERTIES = Set.of(URL, USER_INFO, TOKEN, REGISTER);

    /** Those that may be shown. */
    static final Set<String> PUBLIC = Set.of(URL, REGISTER);

    RegistrySettings {
        urls = List.copyOf(urls);
    }

    /**
     * What the properties of every client say of a registry; null when they name none.
     *
     * @throws IllegalArgumentException if one of them cannot be gone by; the message names it
     */
    static @Nullable RegistrySettings of(Map<String, String> kafka) {
        String url = kafka.getOrDefault(URL, "").strip();
        String user = kafka.getOrDefault(USER_INFO, "");
        String token = kafka.getOrDefault(TOKEN, "");
        if (url.isEmpty()) {
            for (String name : PROPERTIES) {
                if (kafka.containsKey(name)) {
                    throw new IllegalArgumentException("kafka." + name
                            + ": is for a schema registry, and none is named; set kafka." + URL + ", or leave it out");
                }
            }
            return null;
        }
        if (!user.isEmpty() && !token.isEmpty()) {
            throw new IllegalArgumentException(
                    "kafka." + USER_INFO + " and kafka." + TOKEN + " are both set; one of them must go");
        }
        List<String> urls = new ArrayList<>();
        for (String one : url.split(",", -1)) {
            urls.add(checked(one.strip()));
        }
        String authorization = !token.isEmpty()
                ? "Bearer " + token
                : user.isEmpty()
                        ? null
                        : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        String register = kafka.getOrDefault(REGISTER, "true").strip();
        if (!register.equals("true") && !register.equals("false")) {
            throw new IllegalArgumentException("kafka." + REGISTER + ": '" + register + "' is not true or false");
        }
        return new RegistrySettings(urls, authorization, register.equals("true"));
    }

    private static String checked(String url) {
        try {
            URI uri = new URI(url);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getRawQuery() == null && uri.getRawFragment() == null) {
                if (uri.getRawUserInfo() != null) {
                    throw new IllegalArgumentException(
                            "kafka." + URL + ": names a user, and addresses are logged; put that into kafka."
                                    + USER_INFO + " as USER:PASSWORD");
                }
                return url.replaceFirst("/+$", "");
            }
        } catch (URISyntaxException e) {
            // Said below, without quoting it: a password may be in it.
        }
        throw new IllegalArgumentException("kafka." + URL + ": is not a list of addresses such as"
                + " http://registry:8081 or https://registry:8080/apis/ccompat/v7");
    }

    /** The servers, for messages. */
    String where() {
        return String.join(", ", urls);
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return "RegistrySettings[" + where() + "]";
    }
}
