package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SpecTextTest {
    @Test
    void whatIsWrittenParsesBackToTheSame() {
        for (long seed = 0; seed < 2000; seed++) {
            RunSpec spec = new RandomSpecs(seed).next();
            assertThat(SpecValidator.problems(spec)).as("seed %d", seed).isEmpty();
            String runId = seed % 2 == 0 ? "run-" + seed : null;
            String yaml = SpecText.yaml(runId, spec);
            assertThat(SpecParser.parse(yaml)).as("seed %d%n%s", seed, yaml)
                    .isEqualTo(new SpecResult.Parsed(runId, spec));
        }
    }

    @Test
    void defaultsAreWrittenOut() {
        RunSpec spec = ((SpecResult.Parsed) SpecParser.parse("sources: [host-a]\ndestinations: [\"42\"]")).spec();
        assertThat(SpecText.yaml("r1", spec)).isEqualTo("""
                run: r1
                sources: [host-a]
                destinations: ["42"]
                topology: pair
                flows: 1
                traffic:
                  kind: stream
                  reverse: false
                  bytes: unlimited
                  messages: unlimited
                duration: 10s
                warmup: 1s
                interval: 1s
                ip-version: any
                placement:
                  application-cpu: same-core
                  exclusive: strict
                  smt: avoid
                  source-cpus: all
                  destination-cpus: all
                  isolated-only: false
                  max-candidates: 512
                  source-ports: any
                  on-drift: report
                io:
                  engine: blocking
                  read-size: 64KiB
                  write-size: 64KiB
                  validate: true
                  truncate-receive: false
                  zerocopy-send: false
                  zerocopy-receive: false
                  huge-pages: false
                  receive-memory: host
                  timestamps: none
                  flows-per-worker: 1
                  multishot-receive: auto
                  registered-buffers: auto
                tls:
                  directions: none
                socket:
                  nodelay: true
                  congestion-control: default
                  send-buffer: auto
                  receive-buffer: auto
                  max-pacing-rate: unlimited
                  mss: auto
                  dscp: none
                  flow-label: auto
                  quick-ack: auto
                  user-timeout: auto
                  not-sent-low-water: auto
                  source-device: any
                  destination-device: any
                  psp: false
                when-busy: queue
                priority: 0
                not-before: now
                repeat:
                  count: 1
                """);
    }
}
