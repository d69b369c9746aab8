package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.Fuzz;
import org.junit.jupiter.api.Test;

/** What a user may write: a spec or what is wrong with it, and nothing else. */
class SpecFuzzTest {
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

    @Test
    void specs() {
        Fuzz.target("spec").from(YAML, JSON, "sources: [a]\ndestinations: [b]\n").runText(text -> {
            switch (SpecParser.parse(text)) {
                case SpecResult.Invalid invalid ->
                    assertThat(invalid.problems()).isNotEmpty();
                case SpecResult.Parsed(String runId, RunSpec spec) ->
                    assertThat(SpecParser.parse(SpecText.yaml(runId, spec)))
                            .isEqualTo(new SpecResult.Parsed(runId, spec));
            }
        });
    }

    @Test
    void units() {
        Fuzz.target("units")
                .from("64KiB", "1.5MB", "10Gbit/s", "1.25GB/s", "250us", "1h", "65536", "0.000001s")
                .runText(text -> {
                    // Whether a number is within its key's range is told of the key, negative ones included.
                    quantity(() -> Units.parseSizeBytes(text));
                    quantity(() -> Units.parseRateBitsPerSecond(text));
                    quantity(() -> Units.parseMessagesPerSecond(text));
                    quantity(() -> Units.parseDuration(text));
                });
    }

    private static void quantity(Runnable parse) {
        try {
            parse.run();
        } catch (Units.BadQuantityException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
