package dev.flowlane.page;

import org.jspecify.annotations.Nullable;

import javax.security.auth.x500.X500Principal;

/**
 * Decides who may do what. Without tokens and certificates whoever reaches a loopback address is an operator, because
 * the same users reach the broker, and whoever reaches any other address is a viewer and nobody an operator.
 */
public final class Access {
    private static final String BEARER = "Bearer ";

    private final AccessRules rules;

    /** Decides by these rules. */
    public Access(AccessRules rules) {
        this.rules = rules;
    }

    /** What came of a request for a role. */
    public sealed interface Decision {
        /**
         * Yes.
         *
         * @param role what the caller may do, which may be more than was asked for
         * @param who names the caller in the records that follow from the request
         */
        record Granted(Role role, String who) implements Decision {}

        /** Nobody knows who it is: status 401. */
        record Unknown(String message) implements Decision {}

        /** Known, and not allowed: status 403. */
        record Refused(String message) implements Decision {}
    }

    /** Whether the caller may do what {@code needed} may. */
    public Decision decide(Caller caller, Role needed) {
        Decision.Granted granted = identify(caller);
        if (granted == null) {
            return new Decision.Unknown(unknown(caller));
        }
        return granted.role().includes(needed) ? granted : new Decision.Refused(refusal());
    }

    /** Role and name; null when the caller has none. The more a caller shows, the more it may do. */
    private Decision.@Nullable Granted identify(Caller caller) {
        if (!rules.credentialsNeeded()) {
            return rules.loopback()
                    ? new Decision.Granted(Role.OPERATOR, "page")
                    : new Decision.Granted(Role.VIEWER, "page");
        }
        Decision.Granted byToken = byToken(caller.authorization());
        Decision.Granted byCertificate = byCertificate(caller.certificateSubject());
        if (byToken == null || byCertificate == null) {
            return byToken == null ? byCertificate : byToken;
        }
        return byToken.role().includes(byCertificate.role()) ? byToken : byCertificate;
    }

    private Decision.@Nullable Granted byToken(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return null;
        }
        String offered = authorization.substring(BEARER.length()).strip();
        AccessToken operator = rules.operatorToken();
        AccessToken viewer = rules.viewerToken();
        // Both are compared always: what takes how long tells nothing.
        boolean isOperator = operator != null && operator.is(offered);
        boolean isViewer = viewer != null && viewer.is(offered);
        if (isOperator) {
            return new Decision.Granted(Role.OPERATOR, "page:operator");
        }
        return isViewer ? new Decision.Granted(Role.VIEWER, "page:viewer") : null;
    }

    private Decision.@Nullable Granted byCertificate(@Nullable String subject) {
        if (!rules.certificates() || subject == null) {
            return null;
        }
        try {
            Role role = rules.operatorSubjects().contains(new X500Principal(subject)) ? Role.OPERATOR : Role.VIEWER;
            return new Decision.Granted(role, "page:" + subject);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private String unknown(Caller caller) {
        boolean tokens = rules.viewerToken() != null || rules.operatorToken() != null;
        if (!tokens) {
            return "a client certificate is needed that the coordinator's --http-tls-client-ca has signed";
        }
        String what = caller.authorization() == null ? "a token is needed" : "the token is not one of this coordinator";
        return what + "; send the header Authorization: Bearer TOKEN"
                + (rules.certificates() ? ", or a client certificate" : "");
    }

    private String refusal() {
        if (!rules.credentialsNeeded()) {
            return "nobody may submit or cancel over HTTP here: the coordinator listens off loopback without tokens and"
                    + " certificates; start it with --http-operator-token-file, or use the flowlane command line";
        }
        return "this needs the role operator; the credentials are a viewer's";
    }
}
