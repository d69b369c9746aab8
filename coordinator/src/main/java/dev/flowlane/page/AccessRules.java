package dev.flowlane.page;

import org.jspecify.annotations.Nullable;

import javax.security.auth.x500.X500Principal;

import java.util.Set;

/**
 * What gives which role.
 *
 * @param loopback whether only this host can reach the server
 * @param viewerToken gives {@link Role#VIEWER}
 * @param operatorToken gives {@link Role#OPERATOR}
 * @param certificates whether clients are asked for certificates; whoever has one of the CA is a viewer
 * @param operatorSubjects subjects of certificates that give {@link Role#OPERATOR}
 */
public record AccessRules(
        boolean loopback,
        @Nullable AccessToken viewerToken,
        @Nullable AccessToken operatorToken,
        boolean certificates,
        Set<X500Principal> operatorSubjects) {
    public AccessRules {
        operatorSubjects = Set.copyOf(operatorSubjects);
        if (viewerToken != null && operatorToken != null && viewerToken.sameAs(operatorToken)) {
            throw new IllegalArgumentException(
                    "the viewer's and the operator's token are the same; give each role a token of its own");
        }
        if (!operatorSubjects.isEmpty() && !certificates) {
            throw new IllegalArgumentException(
                    "--http-operator-subject needs --http-tls-client-ca, which verifies the certificates");
        }
    }

    /** Nothing is asked for. */
    public static AccessRules open(boolean loopback) {
        return new AccessRules(loopback, null, null, false, Set.of());
    }

    /** Whether callers need a token or a certificate. */
    public boolean credentialsNeeded() {
        return viewerToken != null || operatorToken != null || certificates;
    }
}
