package dev.flowlane.coordinator;

import dev.flowlane.page.AccessRules;
import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * Who may reach the HTTP server, and how.
 *
 * @param rules what gives which role
 * @param tls null: plain HTTP
 */
record HttpSecurity(AccessRules rules, @Nullable Tls tls) {
    /**
     * The server's side of TLS, from files in PEM.
     *
     * @param certificate its certificate and those between it and the CA
     * @param key its private key
     * @param clientCa who signs the certificates of clients; null: none are asked for
     */
    record Tls(Path certificate, Path key, @Nullable Path clientCa) {}
}
