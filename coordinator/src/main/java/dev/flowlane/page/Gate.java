package dev.flowlane.page;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/** What a request has to show before anything else is looked at. Pure: a request in, a pass out. */
public final class Gate {
    private static final String JSON = "application/json";

    private final AccessRules rules;
    private final Access access;
    private final String listens;

    /**
     * A gate.
     *
     * @param listens the host name or address that the server was told to listen on
     */
    public Gate(AccessRules rules, String listens) {
        this.rules = rules;
        this.access = new Access(rules);
        this.listens = listens;
    }

    /** What a request may do. */
    public sealed interface Pass {
        /** Go on. */
        record Granted(Role role, String who) implements Pass {}

        /**
         * Not so.
         *
         * @param status HTTP status
         */
        record Denied(int status, String message) implements Pass {}
    }

    /**
     * A request.
     *
     * @param changes whether it wants to change something
     * @param contentType {@code Content-Type} header
     */
    public record Request(
            boolean changes, Caller caller, CrossSite.Headers headers, @Nullable String contentType) {}

    /** Whether the request may go on. */
    public Pass check(Request request) {
        if (rules.loopback() && !rules.credentialsNeeded()) {
            String problem = CrossSite.hostProblem(request.headers(), listens);
            if (problem != null) {
                return new Pass.Denied(421, problem);
            }
        }
        if (request.changes()) {
            String problem = CrossSite.writeProblem(request.headers());
            if (problem != null) {
                return new Pass.Denied(403, problem);
            }
            if (!isJson(request.contentType())) {
                return new Pass.Denied(415, "the body's type is not allowed; allowed: Content-Type: " + JSON);
            }
        }
        return switch (access.decide(request.caller(), request.changes() ? Role.OPERATOR : Role.VIEWER)) {
            case Access.Decision.Granted(Role role, String who) -> new Pass.Granted(role, who);
            case Access.Decision.Unknown(String message) -> new Pass.Denied(401, message);
            case Access.Decision.Refused(String message) -> new Pass.Denied(403, message);
        };
    }

    private static boolean isJson(@Nullable String contentType) {
        String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
        return type.toLowerCase(Locale.ROOT).equals(JSON);
    }
}
