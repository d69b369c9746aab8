package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Traffic;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

final class SpecFlagsTest {
    private static final SpecFlags.LocalHosts LOCAL = new SpecFlags.LocalHosts("host-a", "host-b");

    @Command
    static final class Verb {
        @Mixin SpecFlags flags = new SpecFlags();
    }

    @Test
    void withoutAnythingTheLocalHostsAreMeasured() {
        RunSpec spec = read("", LOCAL).spec();

        assertThat(spec.sources()).containsExactly("host-a");
        assertThat(spec.destinations()).containsExactly("host-b");
        assertThat(spec.traffic()).isEqualTo(new Traffic.Stream());
    }

    @Test
    void hostsThatAreGivenAreTaken() {
        RunSpec spec = read("", LOCAL, "--source", "x", "--source", "y", "--destinations", "z,w").spec();

        assertThat(spec.sources()).containsExactly("x", "y");
        assertThat(spec.destinations()).containsExactly("z", "w");
    }

    @Test
    void aSizeOfRequestsMeansRequestResponse() {
        assertThat(read("", LOCAL, "--request-size", "64").spec().traffic())
                .isEqualTo(new Traffic.RequestResponse(64, 1));
        assertThat(read("traffic: {response-size: 1KiB}", LOCAL, "-").spec().traffic())
                .isEqualTo(new Traffic.RequestResponse(1, 1024));
    }

    @Test
    void optionsWinOverSetWinsOverTheFile() {
        String file = "duration: 7s\nwarmup: 7s\ninterval: 7s\n";
        RunSpec spec = read(file, LOCAL, "-", "--set", "warmup=2s", "--set", "interval=2s", "--interval", "1s").spec();

        assertThat(spec.duration()).isEqualTo(Duration.ofSeconds(7));
        assertThat(spec.warmup()).isEqualTo(Duration.ofSeconds(2));
        assertThat(spec.interval()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void setReachesNestedKeys() {
        RunSpec spec = read("", LOCAL, "--set", "placement.exclusive=none", "--set", "placement.application-cpu=+1",
                        "--set", "socket.nodelay=false")
                .spec();

        assertThat(spec.placement().exclusive()).isEqualTo(Exclusive.NONE);
        assertThat(spec.placement().applicationCpu()).isEqualTo(new ApplicationCpu.Offset(1));
        assertThat(spec.socket().noDelay()).isFalse();
    }

    @Test
    void ipVersions() {
        assertThat(read("", LOCAL).spec().ipVersion()).isEqualTo(RunSpec.ANY_IP_VERSION);
        assertThat(read("", LOCAL, "--ipv4").spec().ipVersion()).isEqualTo(4);
        assertThat(read("", LOCAL, "--ipv6").spec().ipVersion()).isEqualTo(6);
    }

    @Test
    void switchesMayStandAlone() {
        assertThat(read("io: {validate: false}", LOCAL, "-", "--validate").spec().io().validatePayload()).isTrue();
        assertThat(read("", LOCAL, "--validate=false").spec().io().validatePayload()).isFalse();
    }

    @Test
    void theRunsIdComesFromTheFileOrTheOption() {
        assertThat(read("run: nightly", LOCAL, "-").runId()).isEqualTo("nightly");
        assertThat(read("run: nightly", LOCAL, "-", "--run-id", "other").runId()).isEqualTo("other");
        assertThat(read("", LOCAL).runId()).isNull();
    }

    private static SpecFlags.Read read(String input, SpecFlags.@Nullable LocalHosts hosts, String... arguments) {
        Verb verb = new Verb();
        CommandSpec spec = CommandSpec.forAnnotatedObject(verb);
        SpecFlags.addTo(spec);
        CommandLine.ParseResult result = new CommandLine(spec).parseArgs(arguments);
        return verb.flags.read(result, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), hosts);
    }
}
