package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

final class SpecParserTest {
    private static final String HOSTS = "sources: [host-a]\ndestinations: [host-b]\n";

    @Test
    void everyDefaultIsTheDesigns() {
        assertThat(parsed(HOSTS)).isEqualTo(new RunSpec(
                List.of("host-a"),
                List.of("host-b"),
                Topology.PAIR,
                1,
                new Traffic.Stream(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                RunSpec.ANY_IP_VERSION,
                new PlacementPolicy(new ApplicationCpu.SameCore(), Exclusive.STRICT, Smt.AVOID, null, null, false,
                        512),
                new IoSettings(IoEngine.BLOCKING, 65536, 65536, true),
                new SocketSettings(true, null, null, null, null),
                WhenBusy.QUEUE));
    }

    @Test
    void everyKeyIsRead() {
        SpecResult result = SpecParser.parse("""
                run: nightly-pair-1
                sources: [host-a, host-c]
                destinations: [host-b]
                topology: fan-in
                flows: 4
                traffic: {kind: request-response, request-size: 128, response-size: 1MiB, outstanding: 64,
                          rate: 20k/s, arrival: poisson, seed: 7}
                duration: 1m30s
                warmup: 500ms
                interval: 250ms
                ip-version: 6
                placement: {application-cpu: +1, exclusive: per-side, source-cpus: "0-15",
                            destination-cpus: [1, 2, 5-7], max-candidates: 64}
                socket: {congestion-control: bbr, max-pacing-rate: 10Gbit/s, send-buffer: 4MiB,
                         receive-buffer: 2MiB, nodelay: false, mss: 1448, dscp: af11, flow-label: 74565,
                         quick-ack: true, user-timeout: 3s, not-sent-low-water: 128KiB, source-device: eth0,
                         destination-device: any}
                io:
                  engine: busy-poll
                  read-size: 16KiB
                  write-size: 1
                  validate: false
                  truncate-receive: true
                  zerocopy-send: true
                when-busy: reject
                """);
        assertThat(result).isEqualTo(new SpecResult.Parsed("nightly-pair-1", new RunSpec(
                List.of("host-a", "host-c"),
                List.of("host-b"),
                Topology.FAN_IN,
                4,
                new Traffic.RequestResponse(128, 1 << 20, 64,
                        new Pace(20_000, Pace.Unit.MESSAGES, Pace.Arrival.POISSON, 7)),
                Duration.ofSeconds(90),
                Duration.ofMillis(500),
                Duration.ofMillis(250),
                6,
                new PlacementPolicy(new ApplicationCpu.Offset(1), Exclusive.PER_SIDE, Smt.AVOID, CpuSet.parse("0-15"),
                        CpuSet.parse("1,2,5-7"), false, 64),
                new IoSettings(IoEngine.BUSY_POLL, 16384, 1, false, true, true),
                new SocketSettings(false, "bbr", 4 << 20, 2 << 20, 10_000_000_000L, 1448, 10, 74_565, true,
                        3000, 128 << 10, "eth0", null),
                WhenBusy.REJECT)));
    }

    @Test
    void encryptionAndMemoryAreRead() {
        RunSpec spec = parsed(HOSTS + """
                tls: {directions: send, version: 1.2, cipher: chacha20-poly1305}
                io: {huge-pages: true, receive-memory: devmem}
                socket: {psp: true}
                """);
        assertThat(spec.socket().tls())
                .isEqualTo(new Tls(Tls.Directions.SEND, Tls.Version.TLS_1_2, Tls.Cipher.CHACHA20_POLY1305, false));
        assertThat(spec.socket().psp()).isTrue();
        assertThat(spec.io().hugePages()).isTrue();
        assertThat(spec.io().receiveMemory()).isEqualTo(ReceiveMemory.DEVMEM);
        assertThat(parsed(HOSTS + "tls: {directions: both, no-pad: true}").socket().tls())
                .isEqualTo(new Tls(Tls.Directions.BOTH, Tls.Version.TLS_1_3, Tls.Cipher.AES_GCM_128, true));
        assertThat(parsed(HOSTS + "io: {zerocopy-receive: true}").io().zerocopyReceive()).isTrue();
        assertThat(parsed(HOSTS + "io: {timestamps: receive}").io().timestamps()).isEqualTo(Timestamps.RECEIVE);
        assertThat(parsed(HOSTS).io().timestamps()).isEqualTo(Timestamps.NONE);
        assertThat(parsed(HOSTS + "tls: {directions: none}")).isEqualTo(parsed(HOSTS));
    }

    static Stream<Arguments> sameSpecs() {
        return Stream.of(
                Arguments.of("JSON", "{\"sources\":[\"host-a\"],\t\"destinations\":[\"host-b\"]}"),
                Arguments.of("JSON with tabs", "{\n\t\"sources\": [\"host-a\"],\n\t\"destinations\": [\"host-b\"]\n}"),
                Arguments.of("YAML braces", "{sources: [host-a], destinations: [host-b]}"),
                Arguments.of("a byte order mark", "\uFEFF" + HOSTS),
                Arguments.of("comments", "# hi\n" + HOSTS + "# end\n"),
                Arguments.of("one document mark", "---\n" + HOSTS),
                Arguments.of("commas", "sources: host-a\ndestinations: host-b"),
                Arguments.of("empty sections", HOSTS + "io:\nsocket: {}\nplacement: ~\n"),
                Arguments.of("words for defaults", HOSTS + """
                        ip-version: any
                        placement: {source-cpus: all, destination-cpus: all}
                        socket: {congestion-control: default, send-buffer: auto, receive-buffer: auto,
                                 max-pacing-rate: unlimited, mss: auto, dscp: none, flow-label: auto,
                                 quick-ack: auto, user-timeout: auto, source-device: any}
                        """));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sameSpecs")
    void theSameSpecMayBeWrittenIn(String name, String text) {
        assertThat(parsed(text)).isEqualTo(parsed(HOSTS));
    }

    static Stream<Arguments> applicationCpus() {
        return Stream.of(
                Arguments.of("same-core", new ApplicationCpu.SameCore()),
                Arguments.of("unpinned", new ApplicationCpu.Unpinned()),
                Arguments.of("numa-local", new ApplicationCpu.NumaLocal()),
                Arguments.of("+1", new ApplicationCpu.Offset(1)),
                Arguments.of("-2", new ApplicationCpu.Offset(-2)),
                Arguments.of("\"+1\"", new ApplicationCpu.Offset(1)),
                Arguments.of("1", new ApplicationCpu.Explicit(CpuSet.of(1))),
                Arguments.of("[4, 5]", new ApplicationCpu.Explicit(CpuSet.of(4, 5))),
                Arguments.of("[0-3]", new ApplicationCpu.Explicit(CpuSet.parse("0-3"))),
                Arguments.of("0-3,8", new ApplicationCpu.Explicit(CpuSet.parse("0-3,8"))));
    }

    @ParameterizedTest
    @MethodSource("applicationCpus")
    void aSignTellsAnOffsetFromACpu(String text, ApplicationCpu expected) {
        assertThat(parsed(HOSTS + "placement:\n  application-cpu: " + text + "\n").placement().applicationCpu())
                .isEqualTo(expected);
    }

    @Test
    void smtSiblingsAreAvoidedAndOtherCpusThanIsolatedTakenUnlessASpecSaysOtherwise() {
        assertThat(parsed(HOSTS).placement().smt()).isEqualTo(Smt.AVOID);
        assertThat(parsed(HOSTS).placement().isolatedOnly()).isFalse();
        RunSpec spec = parsed(HOSTS + "flows: 2\nplacement: {application-cpu: cross, smt: allow, isolated-only: true}");
        assertThat(spec.placement().applicationCpu()).isEqualTo(new ApplicationCpu.Cross());
        assertThat(spec.placement().smt()).isEqualTo(Smt.ALLOW);
        assertThat(spec.placement().isolatedOnly()).isTrue();
    }

    static Stream<Arguments> earliestBegins() {
        Instant noon = Instant.parse("2026-03-01T12:00:00Z");
        return Stream.of(
                Arguments.of("now", new NotBefore.AtOnce()),
                Arguments.of("2026-03-01T12:00:00Z", new NotBefore.At(noon)),
                Arguments.of("\"2026-03-01T13:00:00+01:00\"", new NotBefore.At(noon)),
                Arguments.of("2026-03-01T12:00:00.250Z", new NotBefore.At(noon.plusMillis(250))),
                Arguments.of("+0s", new NotBefore.Delay(Duration.ZERO)),
                Arguments.of("+90", new NotBefore.Delay(Duration.ofSeconds(90))),
                Arguments.of("+1h30m", new NotBefore.Delay(Duration.ofMinutes(90))));
    }

    @ParameterizedTest
    @MethodSource("earliestBegins")
    void anEarliestBeginIsATimeOrADelay(String text, NotBefore expected) {
        assertThat(parsed(HOSTS + "not-before: " + text + "\n").conduct().notBefore()).isEqualTo(expected);
    }

    @Test
    void whenAndHowOftenARunIsMeasuredIsPartOfItsSpec() {
        RunSpec spec = parsed(HOSTS
                + "priority: -7\nplacement: {on-drift: rehunt}\nrepeat: {count: 5}\nlike: nightly-1\n");

        assertThat(spec.conduct()).isEqualTo(new Conduct(-7, new NotBefore.AtOnce(), OnDrift.REHUNT, 5, "nightly-1"));
    }

    static Stream<Arguments> badSpecs() {
        String rr = "traffic: {kind: request-response}\n";
        return Stream.of(
                bad("", "sources: nothing is given; name at least one host; flowlane hosts list shows them"),
                bad("sources: [host-a]", "destinations: nothing is given; name at least one host;"
                        + " flowlane hosts list shows them"),
                bad("- a\n- b", "line 1: the spec does not consist of keys; begin with lines such as"
                        + " 'sources: [host-a]'"),
                bad("hello", "line 1: the spec does not consist of keys; begin with lines such as"
                        + " 'sources: [host-a]'"),
                bad(HOSTS + "flow: 2", "flow: unknown key; allowed: run, sources, destinations, topology,"
                        + " flows, traffic,"
                        + " duration, warmup, interval, ip-version, placement, io, tls, socket, when-busy,"
                        + " priority, not-before, like, thresholds, repeat; did you"
                        + " mean flows?"),
                bad(HOSTS + "request_size: 2", "request_size: unknown key; allowed: run, sources, destinations,"
                        + " topology, flows, traffic, duration, warmup, interval, ip-version, placement, io, tls,"
                        + " socket,"
                        + " when-busy, priority, not-before, like, thresholds,"
                        + " repeat; did you mean traffic.request-size?"),
                bad(HOSTS + "placement: {exclusiv: none}", "placement.exclusiv: unknown key; allowed: application-cpu,"
                        + " exclusive, smt, source-cpus, destination-cpus, isolated-only, max-candidates, source-ports,"
                        + " on-drift; did you mean"
                        + " placement.exclusive?"),
                bad(HOSTS + "placment: {exclusive: none}", "placment: unknown key; allowed: run, sources, destinations,"
                        + " topology, flows, traffic, duration, warmup, interval, ip-version, placement, io, tls,"
                        + " socket,"
                        + " when-busy, priority, not-before, like, thresholds, repeat; did you mean placement?"),
                bad(HOSTS + "zzzzzzzzzzz: 1", "zzzzzzzzzzz: unknown key; allowed: run, sources, destinations, topology,"
                        + " flows, traffic, duration, warmup, interval, ip-version, placement, io, tls, socket,"
                        + " when-busy,"
                        + " priority, not-before, like, thresholds, repeat"),
                bad(HOSTS + "like: -x", "like: '-x' is no run id; *"),
                bad(HOSTS + "repeat: 5", "repeat: is a section; allowed: count; write repeat.count, or repeat:"
                        + " {count: ...} in a file"),
                bad(HOSTS + "repeat: {count: 0}", "repeat.count: '0' is out of range; allowed: 1 to 1000"),
                bad(HOSTS + "flows: 5\nrepeat: {count: 1000}", "repeat.count: 1000 trials of 5 flows are 5000, more"
                        + " than the 4096 flows that one result holds; fewer trials or flows, or several runs"),
                bad(HOSTS + "priority: 101", "priority: '101' is out of range; allowed: -100 to 100"),
                bad(HOSTS + "placement: {on-drift: rehnut}", "placement.on-drift: 'rehnut' is not accepted; allowed:"
                        + " report, rehunt; did you mean rehunt?"),
                bad(HOSTS + "not-before: tomorrow", "not-before: 'tomorrow' is not accepted: it is no time with an"
                        + " offset from UTC; allowed: a time such as 2026-03-01T12:00:00Z, +TIME after the submission,"
                        + " at most 366d, or now"),
                bad(HOSTS + "not-before: 2026-03-01T12:00:00", "not-before: '2026-03-01T12:00:00' is not accepted: *"),
                bad(HOSTS + "not-before: 2026-03-01T12:00:00.0001Z", "not-before: '2026-03-01T12:00:00.000100Z' is not"
                        + " accepted: times are in whole milliseconds of the years 1970 to 9999; *"),
                bad(HOSTS + "not-before: +367d", "not-before: '+367d' is out of range; *"),
                bad(HOSTS + "not-before: +soon", "not-before: '+soon' is not accepted: a time is a number of seconds,"
                        + " *"),
                bad(HOSTS + "thresholds: [\"p99 < 1ms\"]", "thresholds: 'p99 < 1ms': stream traffic has no p99; set"
                        + " traffic.kind to request-response, or hold the run to its throughput"),
                bad(HOSTS + "thresholds: [\"fast\"]", "thresholds: 'fast' is no threshold; allowed: FIGURE >= > <= or <"
                        + " LIMIT, such as throughput >= 9.3Gbit/s or p99 < 200us, with the figures throughput, rate,"
                        + " p25, p50, *"),
                bad(HOSTS + "thresholds: [\"troughput >= 1Gbit/s\"]", "thresholds: 'troughput >= 1Gbit/s': no figure is"
                        + " called 'troughput'; allowed: FIGURE *"),
                bad(HOSTS + "thresholds: [\"throughput >= 5ms\"]", "thresholds: 'throughput >= 5ms': a rate is a number"
                        + " of bits per second, *"),
                bad(HOSTS + "thresholds: throughput >= -1", "thresholds: 'throughput >= -1': the limit is negative; *"),
                bad(HOSTS + "traffic: {kind: request-response}\nthresholds: [\"intended-p99 < 1ms\"]",
                        "thresholds: 'intended-p99 < 1ms': without traffic.rate no request has an intended send time;"
                                + " *"),
                bad(HOSTS + "io: {truncate-receive: true}", "io.truncate-receive: what the kernel throws away cannot be"
                        + " validated; set io.validate to false"),
                bad(HOSTS + "io: {multishot-receive: true}", "io.multishot-receive: only io-uring has it; set io.engine"
                        + " to io-uring, or leave it out"),
                bad(HOSTS + "io: {engine: io-uring, registered-buffers: true, truncate-receive: true, validate: false}",
                        "io.registered-buffers: receives of that kind throw nothing away; leave it out, or set"
                                + " io.truncate-receive to false"),
                bad(HOSTS + "io: {engine: io-uring, multishot-receive: true, read-size: 2MiB}", "io.read-size: a flow"
                        + " end has several buffers of that size with io.multishot-receive; set it to 1MiB or less, or"
                        + " leave io.multishot-receive out"),
                bad(HOSTS + "traffic: {kind: datagram-stream}\nio: {engine: io-uring, multishot-receive: true}",
                        "io.multishot-receive: datagrams are received one by one, into the same buffer; leave it out"),
                bad(HOSTS + "traffic: {kind: connect-request-response}\n"
                                + "io: {engine: io-uring, registered-buffers: true}",
                        "io.registered-buffers: connections of one request do not live long enough for it; leave it"
                                + " out"),
                bad(HOSTS + "traffic: {kind: connect-request-response}\ntls: {directions: both}", "tls.directions:"
                        + " every connection of connect-request-response would need keys of its own, which no handshake"
                        + " makes here; set traffic.kind to stream or request-response, or leave it out"),
                bad(HOSTS + "traffic: {connection-ports: 20000-29999}", "traffic.connection-ports: stream traffic keeps"
                        + " its connection; set traffic.kind to connect-request-response, or leave it out"),
                bad(HOSTS + "traffic: {kind: connect-request-response, connection-ports: 1000-2000}",
                        "traffic.connection-ports: '1000-2000' is not accepted: ports below 1024 are reserved; allowed:"
                                + " 1024 to 65535, as a range such as 20000-29999, or any"),
                bad(HOSTS + "traffic: {kind: connect-request-response, connection-ports: 3000-2000}",
                        "traffic.connection-ports: '3000-2000' is not accepted: the range runs backwards; allowed: *"),
                bad(HOSTS + "io: {zerocopy-receive: true}\ntraffic: {kind: request-response}", "io.zerocopy-receive:"
                        + " request-response traffic has no whole pages to map; set traffic.kind to stream, or leave"
                        + " it out"),
                bad(HOSTS + "io: {zerocopy-receive: true, engine: io-uring}", "io.zerocopy-receive: io-uring receives"
                        + " have no TCP_ZEROCOPY_RECEIVE; set io.engine to another"),
                bad(HOSTS + "io: {zerocopy-receive: true, truncate-receive: true, validate: false}",
                        "io.zerocopy-receive: what the kernel throws away cannot be mapped; set io.truncate-receive to"
                        + " false"),
                bad(HOSTS + "io: {zerocopy-receive: true}\ntls: {directions: send}", "io.zerocopy-receive: the pages"
                        + " that arrive are encrypted; leave it out, or set tls.directions to none"),
                bad(HOSTS + "io: {zerocopy-send: true}\ntls: {directions: both}", "io.zerocopy-send: the kernel's TLS"
                        + " writes records of its own and knows no MSG_ZEROCOPY; leave it out, or set tls.directions to"
                        + " none"),
                bad(HOSTS + "io: {truncate-receive: true, validate: false}\ntls: {directions: both}",
                        "io.truncate-receive: the kernel's TLS decrypts into the worker's memory and knows no"
                        + " MSG_TRUNC; leave it out, or set tls.directions to none"),
                bad(HOSTS + "io: {timestamps: receive, engine: io-uring}", "io.timestamps: io-uring receives bring no"
                        + " timestamp in this version; set io.engine to another, or leave it out"),
                bad(HOSTS + "io: {timestamps: receive, zerocopy-receive: true}", "io.timestamps: pages that are mapped"
                        + " bring no timestamp; set io.zerocopy-receive to false, or leave it out"),
                bad(HOSTS + "io: {timestamps: receive}\ntls: {directions: both}", "io.timestamps: the kernel's TLS"
                        + " hands out records without their timestamps; set tls.directions to none, or leave it out"),
                bad(HOSTS + "io: {timestamps: receive}\ntraffic: {kind: connect-request-response}", "io.timestamps:"
                        + " connections of one request are over before they would pay; set traffic.kind to"
                        + " request-response, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 4, engine: epoll}", "io.flows-per-worker: flows of one worker share"
                        + " its application CPU, and exclusive strict shares none with others that need it; set"
                        + " placement.exclusive to none, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 4}\nplacement: {exclusive: none}", "io.flows-per-worker: only epoll"
                        + " and io-uring wait for several flows at once, engine blocking for one; set io.engine to"
                        + " epoll or io-uring, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 4, engine: io-uring, truncate-receive: true, validate: false}\n"
                        + "placement: {exclusive: none}", "io.flows-per-worker: receives of flows that share an"
                        + " io-uring throw nothing away; set io.engine to epoll, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 4, engine: io-uring, registered-buffers: true}\nplacement:"
                        + " {exclusive: none}", "io.flows-per-worker: flows that share an io-uring have many receives"
                        + " for one request, into buffers that the kernel picks; leave io.multishot-receive and"
                        + " io.registered-buffers out, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 4, engine: io-uring, read-size: 2MiB}\nplacement: {exclusive:"
                        + " none}", "io.flows-per-worker: flows that share an io-uring have many buffers of"
                        + " io.read-size; set io.read-size to 1MiB or less, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 4, engine: io-uring}\nplacement: {exclusive: none}\ntls:"
                        + " {directions: both}", "io.flows-per-worker: flows that share an io-uring are not encrypted"
                        + " in this version; set io.engine to epoll, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 4, engine: epoll}\nplacement: {exclusive: none}\ntraffic: {kind:"
                        + " bidirectional}", "io.flows-per-worker: flows of bidirectional have a worker each in this"
                        + " version; set traffic.kind to stream or request-response, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 4, engine: epoll}\nplacement: {exclusive: none}\ntraffic: {rate:"
                        + " 10/s}", "io.flows-per-worker: a flow that shares its worker keeps no rate in this version;"
                        + " leave traffic.rate out, or leave it out"),
                bad(HOSTS + "io: {flows-per-worker: 257}", "io.flows-per-worker: '257' is out of range; allowed: *"),
                bad(HOSTS + "traffic: {burst: 8}", "traffic.burst: without a rate nothing is due at any time; set"
                        + " traffic.rate, or leave it out"),
                bad(HOSTS + "traffic: {rate: 1000/s, burst: 1025}", "traffic.burst: '1025' is out of range; allowed:"
                        + " *"),
                bad(HOSTS + "traffic: {rate: 1000/s, burst: 0}", "traffic.burst: '0' is out of range; allowed: *"),
                bad(HOSTS + "traffic: {kind: request-response, rate: 1000/s, burst: 8, outstanding: 7}",
                        "traffic.burst: a burst of 8 requests would wait for its own answers, because 7 may be"
                        + " unanswered; raise traffic.outstanding"),
                bad(HOSTS + "io: {timestamps: transmit}", "io.timestamps: 'transmit' is not accepted; allowed: none,"
                        + " receive"),
                bad(HOSTS + "io: {receive-memory: device}", "io.receive-memory: 'device' is not accepted; allowed:"
                        + " host, devmem, io-uring-zerocopy"),
                bad(HOSTS + "tls: {directions: sent}", "tls.directions: 'sent' is not accepted; allowed: none, send,"
                        + " receive, both; did you mean send?"),
                bad(HOSTS + "tls: {directions: both, version: 1.1}", "tls.version: '1.1' is not accepted; allowed:"
                        + " 1.2, 1.3; did you mean 1.2?"),
                bad(HOSTS + "tls: {directions: both, version: 1.2, no-pad: true}", "tls.no-pad: records of TLS 1.2"
                        + " never have padding; set tls.version to 1.3, or leave it out"),
                bad(HOSTS + "tls: {cipher: aes-gcm-256}", "tls.cipher: without directions nothing is encrypted; set"
                        + " tls.directions, or leave it out"),
                bad(HOSTS + "tls: both", "tls: is a section; allowed: directions, version, cipher, no-pad; write"
                        + " tls.directions, or tls: {directions: ...} in a file"),
                bad(HOSTS + "traffic: {kind: datagram-stream, reverse: true}", "traffic.reverse: datagrams go from"
                        + " source to destination, and only what answers them back; leave it out, or set traffic.kind"
                        + " to stream or request-response"),
                bad(HOSTS + "traffic: {kind: datagram-stream, bytes: 1MB}", "traffic.bytes: flows of datagrams end by"
                        + " time alone; leave it out, or set traffic.kind to one over TCP"),
                bad(HOSTS + "traffic: {kind: datagram-request-response, messages: 5}", "traffic.messages: flows of"
                        + " datagrams end by time alone; leave it out, or set traffic.kind to one over TCP"),
                bad(HOSTS + "traffic: {kind: datagram-stream, reset-close: true}", "traffic.reset-close:"
                        + " datagram-stream traffic keeps its connection; set traffic.kind to"
                        + " connect-request-response, or leave it out"),
                bad(HOSTS + "traffic: {kind: datagram-stream}\ntls: {directions: both}", "tls.directions: datagrams are"
                        + " not encrypted: the kernel's TLS is TCP's; set traffic.kind to stream or request-response,"
                        + " or leave it out"),
                bad(HOSTS + "traffic: {kind: datagram-request-response}\nio: {zerocopy-receive: true}",
                        "io.zerocopy-receive: datagrams arrive in no whole pages to map; set traffic.kind to stream, or"
                        + " leave it out"),
                bad(HOSTS + "traffic: {kind: datagram-stream}\nio: {huge-pages: true}", "io.huge-pages: this version"
                        + " keeps datagrams in pages of the usual size; leave it out"),
                bad(HOSTS + "traffic: {kind: datagram-stream}\nthresholds: [p99 < 1ms]", "thresholds: 'p99 < 1ms':"
                        + " datagram-stream traffic has no p99; set traffic.kind to request-response, or hold the run"
                        + " to its throughput"),
                bad(HOSTS + "traffic: {kind: datagram-stream}\nthresholds: [retransmitted-segments < 1]",
                        "thresholds: 'retransmitted-segments < 1': what UDP loses is not sent again; hold the run to"
                        + " another figure, or set traffic.kind to one over TCP"),
                bad(HOSTS + "traffic: {kind: bidirectional, reverse: true}", "traffic.reverse: both directions carry"
                        + " traffic already; leave it out, or set traffic.kind to stream or request-response"),
                bad(HOSTS + "traffic: {kind: connect-request-response, reverse: true}", "traffic.reverse: connections"
                        + " are opened by sources only; leave it out, or set traffic.kind to stream or"
                        + " request-response"),
                bad(HOSTS + "traffic: {kind: bidirectional, rate: 100/s}", "traffic.rate: bidirectional traffic goes as"
                        + " fast as it may; set traffic.kind to stream, or leave it out"),
                bad(HOSTS + "traffic: {kind: bidirectional, request-size: 8}", "traffic.request-size: bidirectional"
                        + " traffic has no requests; set traffic.kind to request-response, or leave it out"),
                bad(HOSTS + "traffic: {reset-close: true}", "traffic.reset-close: stream traffic keeps its connection;"
                        + " set traffic.kind to connect-request-response, or leave it out"),
                bad(HOSTS + "traffic: {kind: connect-request-response, outstanding: 2}", "traffic.outstanding: a"
                        + " connection that carries one request has none outstanding; set traffic.kind to"
                        + " request-response, or leave it out"),
                bad(HOSTS + "traffic: {kind: connect-request-response}\nsocket: {mss: 1448}", "socket.mss: is not set"
                        + " on the connections of connect-request-response; leave it out; of the socket's options they"
                        + " take socket.nodelay only"),
                bad(HOSTS + "traffic: {bytes: 0}", "traffic.bytes: '0' is out of range; allowed: 1 to 1024TiB, or"
                        + " unlimited"),
                bad(HOSTS + "traffic: {messages: none}", "traffic.messages: 'none' is not accepted: it is no whole"
                        + " number; allowed: 1 to 1000000000000000, or unlimited"),
                bad(HOSTS + "placement: {application-cpu: crossed}", "placement.application-cpu: 'crossed' is not"
                        + " accepted; allowed: same-core, +N, -N, cross, CPU numbers and ranges such as 0-3,8,"
                        + " numa-local, unpinned"),
                bad(HOSTS + "flows: 3\nplacement: {application-cpu: cross}", "flows: 3 is odd, but application-cpu"
                        + " cross swaps the flows of a pair two by two; an even number of flows, or another"
                        + " application-cpu"),
                bad(HOSTS + "placement: {application-cpu: numa-local, smt: allow}", "placement.smt: application-cpu"
                        + " numa-local keeps off SMT siblings; leave smt out, or set application-cpu to a list of"
                        + " CPUs"),
                bad(HOSTS + "placement: {smt: avoided}", "placement.smt: 'avoided' is not accepted; allowed: avoid,"
                        + " allow; did you mean avoid?"),
                bad(HOSTS + "traffic: {kind: straem}", "traffic.kind: 'straem' is not accepted; allowed: stream,"
                        + " request-response, bidirectional, connect-request-response, datagram-stream,"
                        + " datagram-request-response; did you mean stream?"),
                bad(HOSTS + "traffic: stream", "traffic: is a section; allowed: kind, message-size, request-size,"
                        + " response-size, outstanding, timeout, rate, arrival, seed, burst, reverse, bytes, messages,"
                        + " reset-close, connection-ports;"
                        + " write traffic.kind, or traffic: {kind: ...} in a file"),
                bad(HOSTS + "io: [1]", "io: is a section; allowed: engine, read-size, write-size, validate,"
                        + " truncate-receive, zerocopy-send, zerocopy-receive, huge-pages, receive-memory,"
                        + " segmentation-offload, timestamps, flows-per-worker, multishot-receive,"
                        + " registered-buffers; write io.engine, or io: {engine: ...} in a file"),
                bad(HOSTS + "duration: {a: 1}", "duration: is a mapping in line 3; allowed: 10ms to 30d; give it one"
                        + " value"),
                bad(HOSTS + "duration: [1, 2]", "duration: is a list; allowed: 10ms to 30d; give it one value"),
                bad("sources: [[a]]", "line 1: sources has a list item that is no single value; write [a, b, c]"),
                bad(HOSTS + "duration: 0", "duration: '0' is out of range; allowed: 10ms to 30d"),
                bad(HOSTS + "duration: -5s", "duration: '-5s' is out of range; allowed: 10ms to 30d"),
                bad(HOSTS + "duration: 31d", "duration: '31d' is out of range; allowed: 10ms to 30d"),
                bad(HOSTS + "duration: soon", "duration: 'soon' is not accepted: a time is a number of seconds, or a"
                        + " number with ns us ms s m h d; allowed: 10ms to 30d"),
                bad(HOSTS + "warmup: 2h", "warmup: '2h' is out of range; allowed: 0s to 1h, or auto"),
                bad(HOSTS + "interval: 1ms", "interval: '1ms' is out of range; allowed: 10ms to 1h"),
                bad(HOSTS + "duration: 30d\ninterval: 1s", "interval: 2592001 intervals are more than 1000000; a longer"
                        + " interval, or a shorter duration"),
                bad(HOSTS + "flows: 0", "flows: '0' is out of range; allowed: 1 to 1024"),
                bad(HOSTS + "flows: 1.5", "flows: '1.5' is not accepted: it is no whole number; allowed: 1 to 1024"),
                bad(HOSTS + "flows: 2000", "flows: '2000' is out of range; allowed: 1 to 1024"),
                bad(HOSTS + "flows: 600", "placement.max-candidates: 512 connections cannot become 600 flows; raise it"
                        + " to 600 or more"),
                bad("sources: [a, b, c]\ntopology: mesh\nflows: 1024", "flows: 1024 flows for each of 6 pairs are 6144"
                        + " flows, more than the 4096 of one run; fewer flows, or several runs"),
                bad(HOSTS + "traffic: {request-size: 8}", "traffic.request-size: stream traffic has no requests; set"
                        + " traffic.kind to request-response, or leave it out"),
                bad(HOSTS + "traffic: {kind: request-response, request-size: 0}", "traffic.request-size: '0' is out of"
                        + " range; allowed: 1 to 16MiB"),
                bad(HOSTS + "traffic: {kind: request-response, response-size: 17MiB}", "traffic.response-size: '17MiB'"
                        + " is out of range; allowed: 1 to 16MiB"),
                bad(HOSTS + "traffic: {outstanding: 2}", "traffic.outstanding: stream traffic has no requests; set"
                        + " traffic.kind to request-response, or leave it out"),
                bad(HOSTS + "traffic: {kind: request-response, outstanding: 1025}", "traffic.outstanding: '1025' is"
                        + " out of range; allowed: 1 to 1024, or auto"),
                bad(HOSTS + "traffic: {rate: fast}", "traffic.rate: 'fast' is not accepted: *"),
                bad(HOSTS + "traffic: {rate: 0/s}", "traffic.rate: '0/s' is out of range; allowed: 1/s to 10000000/s,"
                        + " or 1kbit/s to 10Tbit/s, or unlimited"),
                bad(HOSTS + "traffic: {rate: 1Gbit/s}\nio: {write-size: 1}", "traffic.rate: 1Gbit/s are more than"
                        + " 10000000 messages a second; raise io.write-size"),
                bad(HOSTS + "traffic: {arrival: poisson}", "traffic.arrival: without a rate nothing is due at any"
                        + " time; set traffic.rate, or leave it out"),
                bad(HOSTS + rr + rr, "traffic: is there twice, again in line 4; keep one of them"),
                bad(HOSTS + "io: {read-size: 129MiB}", "io.read-size: '129MiB' is out of range; allowed: 1 to 128MiB"),
                bad(HOSTS + "io: {engine: epol}", "io.engine: 'epol' is not accepted; allowed: blocking, epoll,"
                        + " busy-poll, io-uring; did you mean epoll?"),
                bad(HOSTS + "io: {validate: maybe}", "io.validate: 'maybe' is not accepted; allowed: true, false"),
                bad(HOSTS + "ip-version: 5", "ip-version: '5' is not accepted; allowed: 4, 6, any; did you mean 4?"),
                bad(HOSTS + "placement: {source-cpus: 3-1}", "placement.source-cpus: '3-1' is not accepted: *"),
                bad(HOSTS + "placement: {source-cpus: abc}", "placement.source-cpus: 'abc' is not accepted: *"),
                bad(HOSTS + "placement: {source-cpus: []}", "placement.source-cpus: no CPU is given; allowed:"
                        + " CPU numbers"
                        + " and ranges such as 0-3,8, or all"),
                bad(HOSTS + "placement: {application-cpu: +0}", "placement.application-cpu: an offset of 0 is the"
                        + " receive CPU itself; write same-core"),
                bad(HOSTS + "placement: {max-candidates: 0}", "placement.max-candidates: '0' is out of range;"
                        + " allowed: 1 to 16384"),
                bad(HOSTS + "socket: {congestion-control: \"../x\"}", "socket.congestion-control: '../x' is no"
                        + " congestion"
                        + " control; allowed: 1 to 15 of a-z 0-9 _ -, or default; sysctl"
                        + " net.ipv4.tcp_available_congestion_control lists them"),
                bad(HOSTS + "socket: {max-pacing-rate: 1}", "socket.max-pacing-rate: '1' is out of range; allowed:"
                        + " 1kbit/s to 10Tbit/s, or unlimited"),
                bad(HOSTS + "socket: {mss: 40}", "socket.mss: '40' is out of range; allowed: 88 to 32767, or auto"),
                bad(HOSTS + "socket: {dscp: af99}", "socket.dscp: 'af99' is not accepted; allowed: 0 to 63, cs0 to"
                        + " cs7, af11 to af43, ef, va, le, or none"),
                bad(HOSTS + "socket: {flow-label: 7}", "socket.flow-label: only IPv6 has flow labels; set ip-version"
                        + " to 6"),
                bad(HOSTS + "socket: {user-timeout: 1.5us}", "socket.user-timeout: '1.5us' is out of range; allowed:"
                        + " 1ms to 1d, or auto"),
                bad(HOSTS + "socket: {source-device: a/b}", "socket.source-device: 'a/b' is no network device;"
                        + " allowed: 1 to 15 of A-Z a-z 0-9 . _ - with a letter or digit first, or any; ip link lists"
                        + " them"),
                bad(HOSTS + "run: -x", "run: '-x' is no run id; allowed: 1 to 64 of A-Z a-z 0-9 . _ - with a letter or"
                        + " digit first; or leave it out"),
                bad(HOSTS + "run: __coordinator", "run: '__coordinator' is no run id; allowed: 1 to 64 of A-Z a-z 0-9 ."
                        + " _ - with a letter or digit first; or leave it out"),
                bad("sources: [host a]\ndestinations: [b]", "sources: 'host a' is no host id; allowed: 1 to 128 of A-Z"
                        + " a-z 0-9 . _ - with a letter or digit first; flowlane hosts list shows the hosts"),
                bad("sources: [\"\\u001b[31m\"]\ndestinations: [b]", "sources: '?[31m' is no host id; *"),
                bad("sources: [a]\ndestinations: [a]", "destinations: 'a' would send to itself; a flow needs two hosts;"
                        + " start a second daemon with another --host-id for this machine"),
                bad("sources: [a, a]\ndestinations: [b, b]", "sources: the pair a to b is there twice; name it once and"
                        + " raise flows"),
                bad("sources: [a, b]\ndestinations: [c]", "destinations: 2 sources and 1 destinations, but pair"
                        + " takes the"
                        + " first with the first and so on; give as many of each, or set topology to fan-in, fan-out or"
                        + " mesh"),
                bad("topology: ring\nsources: [a]", "sources: one host makes no ring; name at least two hosts"),
                bad("topology: mesh\nsources: [a]", "sources: no two different hosts to pair; name at least two hosts"),
                bad("topology: fan-out\nsources: [a, b]\ndestinations: [c]", "sources: 2 hosts, but fan-out has one"
                        + " source; name one, or set topology to mesh"),
                bad("sources: &x [a]\ndestinations: *x", "line 1: anchors and aliases (& and *) are not read; write the"
                        + " value out"),
                bad("sources: !!set [a]", "line 1: tags (!) are not read; put quotes around text that begins with !"),
                bad("sources: [a", "line 1: this is neither YAML nor JSON *"),
                bad("{\"sources\": [\"a\",]", "line 1: this is neither YAML nor JSON *"),
                bad(HOSTS + "---\nsources: [c]", "line 4: a second document begins here; one spec in one file; take the"
                        + " line --- out"),
                bad(HOSTS + "placement.exclusive: none", "placement.exclusive: unknown key; write sections with"
                        + " braces or"
                        + " indentation"),
                bad("\u0000", "line 1: this is neither YAML nor JSON *"));
    }

    @ParameterizedTest(name = "{index}: {1}")
    @MethodSource("badSpecs")
    void oneMessageNamesTheFaultAndTheMend(String text, String message) {
        SpecResult result = SpecParser.parse(text);
        assertThat(result).isInstanceOf(SpecResult.Invalid.class);
        List<String> messages = ((SpecResult.Invalid) result).problems().stream().map(Problem::toString).toList();
        if (message.endsWith("*")) {
            String start = message.substring(0, message.length() - 1).strip();
            assertThat(messages).singleElement().asString().startsWith(start);
        } else {
            assertThat(messages).containsExactly(message);
        }
    }

    @Test
    void everyProblemIsFoundInOnePass() {
        assertThat(problems(HOSTS + "flows: many\nduration: -1\nio: {engine: x}\nnonsense: 1\n"))
                .extracting(Problem::path)
                .containsExactlyInAnyOrder("flows", "duration", "io.engine", "nonsense");
    }

    @Test
    void aLongTextIsRefusedBeforeItIsRead() {
        String text = HOSTS + "#" + "x".repeat(SpecParser.MAX_TEXT_BYTES);
        assertThat(problems(text)).singleElement().asString().startsWith("the spec is longer than 1MiB");
    }

    @Test
    void deepNestingEndsAtOnce() {
        assertThat(problems(HOSTS + "io: " + "[".repeat(300_000))).isNotEmpty();
        assertThat(problems("{\"io\":".repeat(100_000))).isNotEmpty();
        assertThat(problems("a:\n  b:\n    c:\n      d: 1\n")).isNotEmpty();
    }

    @Test
    void aFloodOfProblemsIsCut() {
        var text = new StringBuilder(HOSTS);
        for (int i = 0; i < 10_000; i++) {
            text.append("key").append(i).append(": 1\n");
        }
        assertThat(problems(text.toString())).hasSize(21).last().asString().startsWith("there is more");
    }

    @Test
    void anyTextIsAnswered() {
        String alphabet = "{}[]:,-+&*!|>'\"#%@`\\ \n\tab0159./~\u0000\u2028é";
        for (long seed = 0; seed < 3000; seed++) {
            var random = new Random(seed);
            var text = new StringBuilder(random.nextBoolean() ? HOSTS : "");
            int length = random.nextInt(60);
            for (int i = 0; i < length; i++) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(SpecParser.parse(text.toString())).as("seed %d", seed).isNotNull();
        }
    }

    private static Arguments bad(String text, String message) {
        return Arguments.of(text, message);
    }

    private static RunSpec parsed(String text) {
        SpecResult result = SpecParser.parse(text);
        assertThat(result).isInstanceOf(SpecResult.Parsed.class);
        return ((SpecResult.Parsed) result).spec();
    }

    private static List<Problem> problems(String text) {
        SpecResult result = SpecParser.parse(text);
        assertThat(result).isInstanceOf(SpecResult.Invalid.class);
        return ((SpecResult.Invalid) result).problems();
    }
}
