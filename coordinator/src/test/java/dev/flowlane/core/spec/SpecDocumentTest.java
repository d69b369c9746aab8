package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.List;

final class SpecDocumentTest {
    @Test
    void setWinsOverTheText() {
        SpecDocument document = SpecDocument.parse("sources: [a]\ndestinations: [b]\nflows: nonsense\n");
        document.set("flows", "3");
        document.setAssignment("placement.source-cpus=0-3");
        document.setAssignment("sources = [x,y]");
        document.set("destinations", "v, w");
        document.set("placement.application-cpu", "[1,2]");
        assertThat(document.isSet("flows")).isTrue();
        assertThat(document.isSet("duration")).isFalse();
        RunSpec spec = ((SpecResult.Parsed) document.toSpec()).spec();
        assertThat(spec.flowsPerPair()).isEqualTo(3);
        assertThat(spec.sources()).containsExactly("x", "y");
        assertThat(spec.destinations()).containsExactly("v", "w");
        assertThat(spec.placement().sourceCpus()).isEqualTo(CpuSet.parse("0-3"));
        assertThat(spec.placement().applicationCpu()).isEqualTo(new ApplicationCpu.Explicit(CpuSet.of(1, 2)));
    }

    @Test
    void aDefaultsWordTakesASettingBack() {
        SpecDocument document = SpecDocument.parse(
                "sources: [a]\ndestinations: [b]\nplacement: {source-cpus: 1}\nsocket: {send-buffer: 1MiB}");
        document.set("placement.source-cpus", "all");
        document.set("socket.send-buffer", "auto");
        RunSpec spec = ((SpecResult.Parsed) document.toSpec()).spec();
        assertThat(spec.placement().sourceCpus()).isNull();
        assertThat(spec.socket().sendBufferBytes()).isNull();
    }

    @Test
    void badAssignmentsAreNamed() {
        SpecDocument document = SpecDocument.empty();
        document.set("sources", "a");
        document.set("destinations", "b");
        document.setAssignment("flows");
        document.setAssignment("flaws=2");
        document.setAssignment("placement=2");
        document.setAssignment("duration=");
        assertThat(((SpecResult.Invalid) document.toSpec()).problems()).extracting(Problem::toString).containsExactly(
                "'flows' sets nothing; write KEY=VALUE, such as placement.source-cpus=0-3",
                "flaws: unknown key; allowed: run, sources, destinations, topology, flows, traffic, duration, warmup,"
                        + " interval, ip-version, placement, io, tls, socket, when-busy,"
                        + " priority, not-before, like, thresholds, repeat; did you mean flows?",
                "placement: is a section; allowed: application-cpu, exclusive, smt, source-cpus,"
                        + " destination-cpus, isolated-only, max-candidates, source-ports, on-drift; write"
                        + " placement.application-cpu, or placement: {application-cpu: ...} in a file",
                "duration: '' is not accepted: a time is a number of seconds, or a number with ns us ms s m h d;"
                        + " allowed: 10ms to 30d");
    }

    @Test
    void everyKeyCanBeSetToItsDefault() {
        SpecDocument plain = SpecDocument.empty();
        SpecDocument spelledOut = SpecDocument.empty();
        for (SpecDocument document : List.of(plain, spelledOut)) {
            document.set("sources", "a");
            document.set("destinations", "b");
            document.set("traffic.kind", "request-response");
        }
        for (SpecKey key : SpecKeys.all()) {
            if (!key.defaultText().isEmpty() && !key.path().equals("traffic.kind")) {
                spelledOut.set(key.path(), key.defaultText());
            }
        }
        assertThat(spelledOut.toSpec()).isInstanceOf(SpecResult.Parsed.class).isEqualTo(plain.toSpec());
    }

    @Test
    void flagsAndPathsAreUnique() {
        assertThat(SpecKeys.all()).extracting(SpecKey::flag).doesNotHaveDuplicates();
        assertThat(SpecKeys.all()).extracting(SpecKey::path).doesNotHaveDuplicates();
        assertThat(SpecKeys.all()).allSatisfy(key -> {
            assertThat(key.doc()).endsWith(".");
            assertThat(key.allowed()).isNotEmpty();
            assertThat(key.flag()).matches("[a-z][a-z-]*");
        });
    }

    @Test
    void spellingCountsSwapsOnceAndForgivesJoints() {
        assertThat(Spelling.distance("flows", "flosw")).isEqualTo(1);
        assertThat(Spelling.distance("request_size", "request-size")).isZero();
        assertThat(Spelling.distance("", "abc")).isEqualTo(3);
        assertThat(Spelling.distance("x".repeat(100_000), "y")).isEqualTo(Integer.MAX_VALUE);
    }
}
