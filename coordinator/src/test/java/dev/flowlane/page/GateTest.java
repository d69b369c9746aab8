package dev.flowlane.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import javax.security.auth.x500.X500Principal;

import java.util.Set;

/** Who may do what, and which other web sites may not do it in their place. */
final class GateTest {
    private static final String VIEWER = "0123456789abcdef-viewer";
    private static final String OPERATOR = "0123456789abcdef-operator";
    private static final String LISTENS = "127.0.0.1";
    private static final String HERE = "127.0.0.1:9470";

    @Test
    void onLoopbackEverybodyIsAnOperatorUntilThereAreTokens() {
        Gate open = new Gate(AccessRules.open(true), LISTENS);
        assertThat(role(open, read(null))).isEqualTo(Role.OPERATOR);
        assertThat(role(open, write(null))).isEqualTo(Role.OPERATOR);

        Gate guarded = new Gate(tokens(true), LISTENS);
        assertThat(status(guarded, read(null))).isEqualTo(401);
    }

    @Test
    void offLoopbackWithoutTokensEverybodyIsAViewer() {
        Gate gate = new Gate(AccessRules.open(false), "0.0.0.0");
        assertThat(role(gate, read(null))).isEqualTo(Role.VIEWER);
        assertThat(gate.check(write(null))).isInstanceOfSatisfying(Gate.Pass.Denied.class, denied -> {
            assertThat(denied.status()).isEqualTo(403);
            assertThat(denied.message()).contains("--http-operator-token-file");
        });
    }

    @Test
    void eachTokenGivesItsRole() {
        Gate gate = new Gate(tokens(false), "0.0.0.0");
        assertThat(role(gate, read(VIEWER))).isEqualTo(Role.VIEWER);
        assertThat(status(gate, write(VIEWER))).isEqualTo(403);
        assertThat(role(gate, read(OPERATOR))).isEqualTo(Role.OPERATOR);
        assertThat(role(gate, write(OPERATOR))).isEqualTo(Role.OPERATOR);
        for (String wrong : new String[] {"", " ", OPERATOR + "x", OPERATOR.substring(1), "Bearer"}) {
            assertThat(status(gate, read(wrong))).as("'%s'", wrong).isEqualTo(401);
        }
    }

    @Test
    void aCertificateIsAViewersUnlessItsWholeSubjectIsAnOperators() {
        AccessRules rules = new AccessRules(
                false, null, null, true, Set.of(new X500Principal("CN=alice,OU=lab")));
        Gate gate = new Gate(rules, "0.0.0.0");
        assertThat(role(gate, certified("CN=alice,OU=lab"))).isEqualTo(Role.OPERATOR);
        assertThat(role(gate, certified("cn=Alice, ou=lab"))).as("compared as names, not as text")
                .isEqualTo(Role.OPERATOR);
        assertThat(role(gate, certified("CN=alice"))).isEqualTo(Role.VIEWER);
        assertThat(role(gate, certified("CN=alice,OU=lab,O=other"))).isEqualTo(Role.VIEWER);
        assertThat(status(gate, read(null))).isEqualTo(401);
    }

    @Test
    void anotherWebSiteChangesNothing() {
        Gate gate = new Gate(AccessRules.open(true), LISTENS);
        assertThat(status(gate, from(HERE, "http://evil.example", null))).isEqualTo(403);
        assertThat(status(gate, from(HERE, "null", null))).isEqualTo(403);
        assertThat(status(gate, from(HERE, null, "cross-site"))).isEqualTo(403);
        assertThat(status(gate, from(HERE, null, "same-site"))).as("another port of this host").isEqualTo(403);
        assertThat(status(gate, from(HERE, "http://127.0.0.1:1", "same-origin"))).isEqualTo(403);
        assertThat(role(gate, from(HERE, "http://" + HERE, "same-origin"))).isEqualTo(Role.OPERATOR);
        assertThat(role(gate, from(HERE, null, null))).as("no browser").isEqualTo(Role.OPERATOR);
    }

    @Test
    void aNameThatWasMadeToMeanLoopbackIsRefusedEvenForReading() {
        Gate gate = new Gate(AccessRules.open(true), LISTENS);
        for (String name : new String[] {
            "evil.example", "evil.example:9470", "127.0.0.1.evil.example", "", "10.0.0.1"
        }) {
            Gate.Request request = new Gate.Request(
                    false, new Caller(null, null), new CrossSite.Headers(name, null, "same-origin"), null);
            assertThat(status(gate, request)).as(name).isEqualTo(421);
        }
        for (String name : new String[] {"localhost:9470", "LOCALHOST", "[::1]:9470", "127.1.2.3", "x.localhost:1"}) {
            Gate.Request request = new Gate.Request(
                    false, new Caller(null, null), new CrossSite.Headers(name, null, null), null);
            assertThat(role(gate, request)).as(name).isEqualTo(Role.OPERATOR);
        }
    }

    @Test
    void onlyJsonIsPosted() {
        Gate gate = new Gate(AccessRules.open(true), LISTENS);
        for (String type : new String[] {"text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"}) {
            assertThat(status(gate, new Gate.Request(true, new Caller(null, null), headers(), type))).isEqualTo(415);
        }
        assertThat(status(gate, new Gate.Request(true, new Caller(null, null), headers(), null))).isEqualTo(415);
        assertThat(role(gate, new Gate.Request(
                true, new Caller(null, null), headers(), "Application/JSON; charset=utf-8"))).isEqualTo(Role.OPERATOR);
    }

    @Test
    void aTokenIsLongEnoughAndNeverShown() {
        assertThatThrownBy(() -> AccessToken.of("--http-viewer-token-file f", "short"))
                .hasMessageContaining("16 to 4096")
                .hasMessageNotContaining("'short'");
        assertThatThrownBy(() -> AccessToken.of("V", "secret secret secret")).hasMessageNotContaining("secret secret");
        assertThat(AccessToken.of("V", VIEWER + "\n").is(VIEWER)).isTrue();
        assertThat(tokens(true).toString()).doesNotContain(VIEWER).doesNotContain(OPERATOR);
        assertThat(new Caller("Bearer " + VIEWER, null).toString()).doesNotContain(VIEWER);
        AccessToken one = AccessToken.of("V", VIEWER);
        assertThatThrownBy(() -> new AccessRules(true, one, AccessToken.of("O", VIEWER), false, Set.of()))
                .hasMessageContaining("the same");
    }

    private static AccessRules tokens(boolean loopback) {
        return new AccessRules(
                loopback, AccessToken.of("V", VIEWER), AccessToken.of("O", OPERATOR), false, Set.of());
    }

    private static Gate.Request read(@Nullable String token) {
        return new Gate.Request(false, caller(token), headers(), null);
    }

    private static Gate.Request write(@Nullable String token) {
        return new Gate.Request(true, caller(token), headers(), "application/json");
    }

    private static Gate.Request certified(String subject) {
        return new Gate.Request(false, new Caller(null, subject), headers(), null);
    }

    private static Gate.Request from(String host, @Nullable String origin, @Nullable String site) {
        return new Gate.Request(
                true, new Caller(null, null), new CrossSite.Headers(host, origin, site), "application/json");
    }

    private static Caller caller(@Nullable String token) {
        return new Caller(token == null ? null : "Bearer " + token, null);
    }

    private static CrossSite.Headers headers() {
        return new CrossSite.Headers(HERE, null, null);
    }

    private static Role role(Gate gate, Gate.Request request) {
        return gate.check(request) instanceof Gate.Pass.Granted(Role role, String _)
                ? role
                : throwing("denied: " + gate.check(request));
    }

    private static int status(Gate gate, Gate.Request request) {
        return gate.check(request) instanceof Gate.Pass.Denied(int status, String _) ? status : 200;
    }

    private static Role throwing(String message) {
        throw new AssertionError(message);
    }
}
