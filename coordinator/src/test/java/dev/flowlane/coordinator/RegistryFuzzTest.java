package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzText;

/** What anybody may ask over HTTP: a path with its query, and a body. */
final class RegistryFuzzTest extends FuzzText {
    private final RegistryApi api = new RegistryApi("flowlane", null);

    RegistryFuzzTest() {
        super(
                "/subjects/flowlane.runs-value/versions/1/schema\n",
                "/schemas/ids/1/versions\n",
                "/config/flowlane.runs-value?defaultToGlobal=true\n",
                "/subjects/flowlane.runs-value\n{\"schema\": \"{\\\"type\\\": \\\"string\\\"}\"}",
                "/compatibility/subjects/flowlane.runs-value/versions/latest\n{\"schema\": \"\\\"int\\\"\"}");
    }

    @Override
    protected void read(String text) {
        int end = text.indexOf('\n');
        String path = end < 0 ? text : text.substring(0, end);
        String body = end < 0 ? "" : text.substring(end + 1);
        RegistryApi.serves(path);
        for (String method : new String[] {"GET", "POST", "DELETE"}) {
            int status = api.answer(method, path, body).status();
            assertThat(status).isBetween(200, 499);
        }
    }
}
