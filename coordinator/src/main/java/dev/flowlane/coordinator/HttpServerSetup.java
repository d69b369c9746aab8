package dev.flowlane.coordinator;

import dev.flowlane.page.Caller;
import dev.flowlane.page.CrossSite;
import dev.flowlane.page.Gate;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import org.jspecify.annotations.Nullable;

import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

import java.nio.file.Path;
import java.security.Principal;
import java.util.Set;

/** How the server listens, and what it sees of who asks. */
final class HttpServerSetup {
    /** The kernel's own buffer for a client; left to itself it grows to some 20 MB for one that does not read. */
    private static final int SEND_BUFFER_BYTES = 256 * 1024;

    private HttpServerSetup() {}

    static HttpServerOptions options(HttpAddress wanted, HttpSecurity security) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(wanted.host())
                .setPort(wanted.port())
                .setMaxInitialLineLength(4096)
                .setMaxHeaderSize(16384)
                .setSendBufferSize(SEND_BUFFER_BYTES)
                .setIdleTimeout(75);
        HttpSecurity.Tls tls = security.tls();
        if (tls != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(tls.certificate().toString())
                            .setKeyPath(tls.key().toString()));
            Path clientCa = tls.clientCa();
            if (clientCa != null) {
                // Asked for, not demanded: probes have none, and a token may stand in for one.
                options.setClientAuth(ClientAuth.REQUEST)
                        .setTrustOptions(new PemTrustOptions().addCertPath(clientCa.toString()));
            }
        }
        return options;
    }

    /** What the gate has to know of a request. */
    static Gate.Request asked(HttpServerRequest request) {
        boolean changes = !request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD);
        HostAndPort authority = request.authority();
        String host = request.getHeader("Host");
        return new Gate.Request(
                changes,
                new Caller(request.getHeader("Authorization"), subject(request)),
                new CrossSite.Headers(
                        host == null && authority != null ? authority.toString() : host,
                        request.getHeader("Origin"),
                        request.getHeader("Sec-Fetch-Site")),
                request.getHeader("Content-Type"));
    }

    private static @Nullable String subject(HttpServerRequest request) {
        SSLSession session = request.connection().sslSession();
        if (session == null) {
            return null;
        }
        try {
            Principal peer = session.getPeerPrincipal();
            return peer instanceof X500Principal subject ? subject.getName() : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }
}
