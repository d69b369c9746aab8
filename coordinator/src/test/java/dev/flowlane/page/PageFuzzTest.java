package dev.flowlane.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.fuzz.Fuzz;
import org.junit.jupiter.api.Test;

import java.util.OptionalDouble;
import java.util.Set;

/** What anybody may send to the page's API: queries, headers and bodies. Each gets an answer or a problem. */
final class PageFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void queries() {
        Fuzz.target("page-query")
                .from("filter=host-a&show=busy&page=3", "view=run&run=0197%2E&flows=1", "show=all&show=all",
                        "filter=%E2%86%92+x", "page=%", "")
                .runText(text -> {
                    try {
                        PageQuery query = PageQuery.parse(text, Set.of("filter", "show", "page", "view", "run"));
                        FleetView.of(FleetState.INITIAL, (_, _) -> OptionalDouble.empty(), query.filter(),
                                query.word("show", FleetView.SHOWS), query.page());
                    } catch (PageProblem problem) {
                        assertSays(problem);
                    }
                });
    }

    @Test
    void headers() {
        Gate open = new Gate(AccessRules.open(true), "127.0.0.1");
        Gate guarded = new Gate(
                new AccessRules(false, AccessToken.of("V", "0123456789abcdef"), null, true, Set.of()), "0.0.0.0");
        Fuzz.target("page-headers")
                .from("127.0.0.1:9470\nhttp://127.0.0.1:9470\nsame-origin\nBearer 0123456789abcdee\nCN=alice,OU=x",
                        "[::1]:1\nnull\ncross-site\nBasic eDp5\nCN=\\,,,=")
                .runText(text -> {
                    String[] lines = text.split("\n", 5);
                    CrossSite.Headers headers = new CrossSite.Headers(line(lines, 0), line(lines, 1), line(lines, 2));
                    Caller caller = new Caller(line(lines, 3), line(lines, 4));
                    for (boolean changes : new boolean[] {false, true}) {
                        Gate.Request request = new Gate.Request(changes, caller, headers, "application/json");
                        open.check(request);
                        if (changes) {
                            assertThat(guarded.check(request))
                                    .as("nobody is an operator there")
                                    .isInstanceOf(Gate.Pass.Denied.class);
                        }
                    }
                });
    }

    @Test
    void bodies() {
        Fuzz.target("page-body")
                .from("{\"spec\": \"sources: [a]\\ndestinations: [b]\", \"set\": {\"duration\": \"5s\"}}",
                        "{\"set\": {\"traffic.kind\": \"stream\", \"flows\": 3}}", "{\"spec\": 7}", "[]")
                .runText(text -> {
                    try {
                        if (JSON.readTree(text) instanceof ObjectNode body) {
                            SpecDraft.read(body);
                        }
                    } catch (PageProblem problem) {
                        assertSays(problem);
                    } catch (JsonProcessingException e) {
                        // The shell says so before anybody looks at the body.
                        assertThat(e).isNotNull();
                    }
                });
    }

    private static void assertSays(PageProblem problem) {
        assertThat(problem.status()).isBetween(400, 499);
        assertThat(problem.json().path("message").asText()).isNotBlank();
        assertThat(problem.json().toString().length()).isLessThan(40_000);
    }

    private static String line(String[] lines, int number) {
        return number < lines.length ? lines[number] : "";
    }
}
