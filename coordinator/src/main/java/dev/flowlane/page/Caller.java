package dev.flowlane.page;

import org.jspecify.annotations.Nullable;

/**
 * Who sent a request, as far as the connection and its headers say.
 *
 * @param authorization the {@code Authorization} header
 * @param certificateSubject subject of the client certificate that the server's TLS has verified, RFC 2253
 */
public record Caller(@Nullable String authorization, @Nullable String certificateSubject) {
    /** Shows neither. */
    @Override
    public String toString() {
        return "Caller[certificateSubject=" + certificateSubject + "]";
    }
}
