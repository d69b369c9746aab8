package dev.flowlane.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.fuzz.FuzzText;

/** Bodies of requests to the page's API. */
final class BodyFuzzTest extends FuzzText {
    private static final ObjectMapper JSON = new ObjectMapper();

    BodyFuzzTest() {
        super("{\"spec\": \"sources: [a]\\ndestinations: [b]\", \"set\": {\"duration\": \"5s\"}}",
                "{\"set\": {\"traffic.kind\": \"stream\", \"flows\": 3}}", "{\"spec\": 7}", "[]");
    }

    @Override
    protected void read(String text) {
        try {
            if (JSON.readTree(text) instanceof ObjectNode body) {
                SpecDraft.read(body);
            }
        } catch (PageProblem problem) {
            Problems.assertSays(problem);
        } catch (JsonProcessingException e) {
            // The shell says so before anybody looks at the body.
            assertThat(e).isNotNull();
        }
    }
}
