package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

final class SpecValidatorTest {
    /** What another program may put on the bus without ever passing our parser. */
    @Test
    void aSpecFromElsewhereIsHeldToTheSameRules() {
        RunSpec spec = new RunSpec(
                List.of("host-a"), List.of("host-b"), Topology.PAIR, -1,
                new Traffic.RequestResponse(0, Integer.MAX_VALUE),
                Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(-1), Duration.ZERO, 5,
                new PlacementPolicy(new ApplicationCpu.Explicit(CpuSet.empty()), Exclusive.STRICT, Smt.AVOID,
                        CpuSet.empty(), null, false, 0),
                new IoSettings(IoEngine.EPOLL, 0, -1, true),
                new SocketSettings(true, "a b", 0, -5, 0L),
                WhenBusy.QUEUE);
        assertThat(SpecValidator.problems(spec)).extracting(Problem::path).containsExactly(
                "traffic.request-size", "traffic.response-size", "ip-version", "duration", "warmup", "interval",
                "placement.application-cpu", "placement.source-cpus", "flows", "placement.max-candidates",
                "io.read-size", "io.write-size", "socket.send-buffer", "socket.receive-buffer",
                "socket.max-pacing-rate", "socket.congestion-control");
    }

    @Test
    void portsFromElsewhereAreThoseThatEverybodyMayUse() {
        RunSpec plain = ((SpecResult.Parsed) SpecParser.parse("sources: [a]\ndestinations: [b]")).spec();
        for (PortRange ports : List.of(
                new PortRange(1023, 2000), new PortRange(2000, 1999), new PortRange(65_535, 65_536))) {
            RunSpec spec = new RunSpec(plain.sources(), plain.destinations(), plain.topology(), 1,
                    new Traffic.ConnectRequestResponse(1, 1, false, ports), plain.duration(), plain.warmup(),
                    plain.interval(), 0, plain.placement(), plain.io(), plain.socket(), plain.whenBusy());
            assertThat(SpecValidator.problems(spec)).extracting(Problem::path)
                    .containsExactly("traffic.connection-ports");
        }
    }

    @Test
    void hugeListsAreRefusedWithoutPairingThem() {
        var hosts = new ArrayList<String>();
        for (int i = 0; i < 100_000; i++) {
            hosts.add("h" + i);
        }
        RunSpec plain = ((SpecResult.Parsed) SpecParser.parse("sources: [a]\ndestinations: [b]")).spec();
        for (Topology topology : Topology.values()) {
            RunSpec spec = new RunSpec(hosts, hosts, topology, 1, plain.traffic(), plain.duration(), plain.warmup(),
                    plain.interval(), 0, plain.placement(), plain.io(), plain.socket(), plain.whenBusy());
            assertThat(SpecValidator.problems(spec)).extracting(Problem::path).contains("sources");
        }
    }

    @Test
    void runIdsAreSafeInKeysAndFileNames() {
        assertThat(SpecValidator.runIdProblem("nightly-pair-1")).isNull();
        assertThat(SpecValidator.runIdProblem("0192f3a0-7c1e-7000-8000-000000000000")).isNull();
        for (String bad : List.of("", ".", "..", "../x", "a/b", "__coordinator", "-x", "a b", "é", "x".repeat(65))) {
            assertThat(SpecValidator.runIdProblem(bad)).as(bad).isNotNull();
        }
    }
}
