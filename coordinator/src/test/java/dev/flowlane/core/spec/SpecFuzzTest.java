package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzText;

/** What a user may write: a spec or what is wrong with it, and nothing else. */
final class SpecFuzzTest extends FuzzText {
    private static final String YAML =
            """
            run: nightly-pair-1
            sources: [host-a]
            destinations: [host-b]
            topology: pair
            flows: 4
            traffic: {kind: request-response, request-size: 64, response-size: 1KiB}
            duration: 10s
            warmup: 500ms
            placement: {application-cpu: same-core, exclusive: strict, source-cpus: 0-15, max-candidates: 512}
            socket: {max-segment: 1448, congestion-control: bbr, max-pacing-rate: 10Gbit/s, send-buffer: 4MiB}
            io: {engine: epoll, read-size: 64KiB}
            """;

    private static final String JSON =
            "{\"sources\": [\"a\"], \"destinations\": [\"b\", \"c\"], \"duration\": \"2s\", \"flows\": 2}";

    SpecFuzzTest() {
        super(YAML, JSON, "sources: [a]\ndestinations: [b]\n");
    }

    @Override
    protected void read(String text) {
        switch (SpecParser.parse(text)) {
            case SpecResult.Invalid invalid -> assertThat(invalid.problems()).isNotEmpty();
            case SpecResult.Parsed(String runId, RunSpec spec) ->
                assertThat(SpecParser.parse(SpecText.yaml(runId, spec)))
                        .isEqualTo(new SpecResult.Parsed(runId, spec));
        }
    }
}
