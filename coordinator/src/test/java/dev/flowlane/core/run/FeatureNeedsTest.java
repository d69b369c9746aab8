package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import dev.flowlane.posix.KernelFeature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Specs that need what not every kernel has, and hosts that have it or not. */
final class FeatureNeedsTest {
    private static RunSpec spec(String more) {
        SpecResult result = SpecParser.parse("sources: [host-a]\ndestinations: [host-b]\n" + more);
        return ((SpecResult.Parsed) result).spec();
    }

    private static HostAnnouncement host(String hostId, HostFeature... features) {
        HostAnnouncement host = Announcements.of(
                hostId, "m-" + hostId, "i", FleetDriver.START, 2, Steering.HASHED, List.of("10.0.0.1"));
        return Announcements.with(host, List.of(features));
    }

    private static HostFeature[] allBut(KernelFeature... missing) {
        return Arrays.stream(KernelFeature.values())
                .map(feature -> Set.of(missing).contains(feature)
                        ? new HostFeature(feature.word(), false, "it is not there")
                        : new HostFeature(feature.word(), true, ""))
                .toArray(HostFeature[]::new);
    }

    private static List<String> problems(RunSpec spec, HostAnnouncement... hosts) {
        Map<String, HostAnnouncement> byId =
                Map.of(hosts[0].hostId(), hosts[0], hosts[1].hostId(), hosts[1]);
        return FeatureNeeds.problems(spec, byId::get);
    }

    @Test
    void aPlainSpecNeedsNothing() {
        assertThat(problems(spec(""), host("host-a"), host("host-b"))).isEmpty();
        assertThat(problems(spec("io: {engine: busy-poll}"), host("host-a"), host("host-b"))).isEmpty();
    }

    @Test
    void whatAnOlderDaemonDoesNotKnowIsRefusedByName() {
        HostAnnouncement older = Announcements.withCapabilities(
                host("host-b", allBut()), "traffic:stream", "engine:blocking", "engine:epoll");

        assertThat(problems(spec(""), host("host-a"), older)).isEmpty();
        assertThat(problems(spec("traffic: {kind: datagram-stream}"), host("host-a"), older))
                .containsExactly("traffic.kind: the daemon of host host-b does not know datagram-stream: it is of"
                        + " another version; upgrade it, or name another host");
        assertThat(problems(spec("io: {engine: busy-poll}"), older, host("host-a")))
                .singleElement().asString().startsWith("io.engine: the daemon of host host-b does not know busy-poll");
        assertThat(problems(spec("io: {engine: io-uring}"), host("host-a", allBut()), older)).isEmpty();
    }

    @Test
    void hostsThatHaveItAllCanDoItAll() {
        RunSpec spec = spec("tls: {directions: both, no-pad: true}\nio: {engine: io-uring, huge-pages: true}");
        assertThat(problems(spec, host("host-a", allBut()), host("host-b", allBut()))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "tls: {directions: send}                              | TLS                       | tls.directions",
        "tls: {directions: send, version: 1.2}                | TLS_1_2_AES_GCM_128       | tls.cipher",
        "tls: {directions: send, version: 1.2, cipher: aes-gcm-256} | TLS_1_2_AES_GCM_256 | tls.cipher",
        "tls: {directions: send, version: 1.2, cipher: chacha20-poly1305} | TLS_1_2_CHACHA20_POLY1305 | tls.cipher",
        "tls: {directions: both}                              | TLS_1_3_AES_GCM_128       | tls.cipher",
        "tls: {directions: both, cipher: aes-gcm-256}         | TLS_1_3_AES_GCM_256       | tls.cipher",
        "tls: {directions: both, cipher: chacha20-poly1305}   | TLS_1_3_CHACHA20_POLY1305 | tls.cipher",
        "tls: {directions: receive, no-pad: true}             | TLS_NO_PAD                | tls.no-pad",
        "io: {engine: io-uring}                               | IO_URING                  | io.engine",
        "io: {zerocopy-send: true}                            | ZEROCOPY_SEND             | io.zerocopy-send",
        "io: {engine: io-uring, zerocopy-send: true}          | IO_URING_ZEROCOPY_SEND    | io.zerocopy-send",
        "io: {engine: io-uring, multishot-receive: true}      | IO_URING_MULTISHOT_RECEIVE | io.multishot-receive",
        "io: {huge-pages: true}                               | HUGE_PAGES                | io.huge-pages",
        "io: {receive-memory: devmem}                         | TCP_DEVMEM                | io.receive-memory",
        "io: {receive-memory: io-uring-zerocopy}              | IO_URING_ZEROCOPY_RECEIVE | io.receive-memory",
        "socket: {psp: true}                                  | PSP                       | socket.psp"
    })
    void whatIsMissingIsNamedWithTheHostTheKeyAndTheReason(String more, KernelFeature missing, String key) {
        List<String> problems = problems(spec(more), host("host-a", allBut()), host("host-b", allBut(missing)));
        assertThat(problems)
                .containsExactly(key + ": host host-b has no " + missing.word() + ": it is not there; leave the key"
                        + " out, or name another host");
    }

    @Test
    void aKernelWithoutTlsIsNamedOnceForAllThatTlsNeeds() {
        HostFeature[] without = Arrays.stream(allBut())
                .map(feature -> feature.name().startsWith("tls")
                        ? new HostFeature(feature.name(), false, "no tls module")
                        : feature)
                .toArray(HostFeature[]::new);

        List<String> problems = problems(
                spec("tls: {directions: both, no-pad: true}"), host("host-a", without), host("host-b", without));

        assertThat(problems)
                .containsExactly(
                        "tls.directions: host host-a has no tls: no tls module; leave the key out, or name another"
                                + " host",
                        "tls.directions: host host-b has no tls: no tls module; leave the key out, or name another"
                                + " host");
    }

    @Test
    void onlyTheReceivingEndMapsPages() {
        RunSpec spec = spec("io: {zerocopy-receive: true}");
        HostAnnouncement without = host("host-a", allBut(KernelFeature.ZEROCOPY_RECEIVE));
        assertThat(problems(spec, without, host("host-b", allBut()))).isEmpty();
        HostAnnouncement destination = host("host-b", allBut(KernelFeature.ZEROCOPY_RECEIVE));
        assertThat(problems(spec, without, destination)).singleElement().asString().contains("host-b");
    }

    @Test
    void aHostThatDoesNotSayIsNotTakenForOneThatCan() {
        assertThat(problems(spec("tls: {directions: both}"), host("host-a", allBut()), host("host-b")))
                .singleElement()
                .asString()
                .startsWith("tls.directions: host host-b does not say whether it has tls;");
    }

    @Test
    void aHostThatIsNotKnownIsNotSpokenOf() {
        HostAnnouncement only = host("host-a", allBut());
        assertThat(FeatureNeeds.problems(
                        spec("tls: {directions: both}"), hostId -> hostId.equals("host-a") ? only : null))
                .isEmpty();
    }
}
