package dev.flowlane.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzText;

import java.util.Set;

/** Headers of requests to the page's API, certificates included: none of them makes an operator. */
final class HeadersFuzzTest extends FuzzText {
    private final Gate open = new Gate(AccessRules.open(true), "127.0.0.1");
    private final Gate guarded = new Gate(
            new AccessRules(false, AccessToken.of("V", "0123456789abcdef"), null, true, Set.of()), "0.0.0.0");

    HeadersFuzzTest() {
        super("127.0.0.1:9470\nhttp://127.0.0.1:9470\nsame-origin\nBearer 0123456789abcdee\nCN=alice,OU=x",
                "[::1]:1\nnull\ncross-site\nBasic eDp5\nCN=\\,,,=");
    }

    @Override
    protected void read(String text) {
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
    }

    private static String line(String[] lines, int number) {
        return number < lines.length ? lines[number] : "";
    }
}
