package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** The one list of the spec's keys. */
public final class SpecKeys {
    /** Longest run id: it is part of Kafka keys and of file names. */
    static final int RUN_ID_MAX = 64;

    /** Longest host id. */
    static final int HOST_ID_MAX = 128;

    /** Flows of one run at most. */
    static final int FLOWS_MAX = 4096;

    /** Reporting periods of one flow end at most, warm-up included. */
    static final long INTERVALS_MAX = 1_000_000;

    private static final long MIB = 1 << 20;
    private static final long MS = 1_000_000;
    private static final long HOUR = 3_600_000 * MS;
    private static final int PAYLOAD_MAX_MIB = 16;
    private static final long LIMIT_BYTES_MAX = 1L << 50;
    private static final long LIMIT_MESSAGES_MAX = 1_000_000_000_000_000L;
    private static final int BUFFER_MAX_MIB = 128;

    static final SpecKey RUN = key("run", "run-id", SpecKey.Type.NAME, "", 1, RUN_ID_MAX,
            "Id of the run; a new UUIDv7 when left out.");
    static final SpecKey SOURCES = key("sources", "sources", SpecKey.Type.NAME_LIST, "", 1, FLOWS_MAX,
            "Hosts that connect and send.");
    static final SpecKey DESTINATIONS = key("destinations", "destinations", SpecKey.Type.NAME_LIST, "", 0, FLOWS_MAX,
            "Hosts that accept and receive; not with topology ring, optional with mesh.");
    static final SpecKey TOPOLOGY = choice("topology", "topology", Topology.PAIR, Topology.class,
            "Which source sends to which destination.");
    static final SpecKey FLOWS = key("flows", "flows", SpecKey.Type.INTEGER, "1", 1, 1024,
            "Flows between each pair of hosts.");
    static final SpecKey TRAFFIC_KIND = new SpecKey("traffic.kind", "traffic", SpecKey.Type.CHOICE, "stream",
            List.of("stream", "request-response", "bidirectional", "connect-request-response", "datagram-stream",
                    "datagram-request-response"), 0, 0, "What every flow does; datagrams go over UDP.");
    static final SpecKey MESSAGE_SIZE = key("traffic.message-size", "message-size", SpecKey.Type.SIZE, "1400",
            Traffic.DATAGRAM_MIN_BYTES, Traffic.DATAGRAM_MAX_BYTES,
            "Bytes of one datagram, of which 24 are its header; with kind datagram-stream.");
    static final SpecKey REQUEST_SIZE = key("traffic.request-size", "request-size", SpecKey.Type.SIZE, "1", 1,
            PAYLOAD_MAX_MIB * MIB, "Bytes of one request; with the kinds of request-response. Datagrams have 24 to"
            + " 65507, and 24 by default.");
    static final SpecKey RESPONSE_SIZE = key("traffic.response-size", "response-size", SpecKey.Type.SIZE, "1", 1,
            PAYLOAD_MAX_MIB * MIB, "Bytes of one response; with the kinds of request-response. Datagrams have 24 to"
            + " 65507, and 24 by default.");
    static final SpecKey OUTSTANDING = key("traffic.outstanding", "outstanding", SpecKey.Type.INTEGER, "auto", 1,
            Traffic.OUTSTANDING_MAX,
            "Requests of a flow that may be unanswered at a time; 1 by default, or all of them with traffic.rate.");
    static final SpecKey REQUEST_TIMEOUT = key("traffic.timeout", "request-timeout", SpecKey.Type.DURATION, "1s", MS,
            4_000 * MS, "After so long without a response a request counts as lost; with kind"
            + " datagram-request-response.");
    static final SpecKey TRAFFIC_RATE = key("traffic.rate", "rate", SpecKey.Type.MESSAGE_RATE, "unlimited", 1,
            Pace.BITS_MAX, "Open loop: how often each flow sends a request, a datagram, or a write of a stream,"
            + " whatever became of those before; latency is then also taken from when it was due.");
    static final SpecKey ARRIVAL = choice("traffic.arrival", "arrival", Pace.Arrival.CONSTANT, Pace.Arrival.class,
            "Spacing of an open loop's messages: all the same, or at random as a Poisson process.");
    static final SpecKey SEED = key("traffic.seed", "seed", SpecKey.Type.INTEGER, "1", 0, 999_999_999_999_999_999L,
            "Seed of an open loop's random times.");
    static final SpecKey BURST = key("traffic.burst", "burst", SpecKey.Type.INTEGER, "1", 1, Pace.BURST_MAX,
            "Messages of an open loop that are due at a time; the rate stays, so the times lie farther apart.");
    static final SpecKey REVERSE = key("traffic.reverse", "reverse", SpecKey.Type.BOOLEAN, "false", 0, 0,
            "Whether destinations send, or ask, while sources still connect; with kind stream or request-response.");
    static final SpecKey MOST_BYTES = key("traffic.bytes", "bytes", SpecKey.Type.SIZE, "unlimited", 1,
            LIMIT_BYTES_MAX, "Payload after which each sender stops, before the duration is over; whole requests.");
    static final SpecKey MOST_MESSAGES = key("traffic.messages", "messages", SpecKey.Type.INTEGER, "unlimited", 1,
            LIMIT_MESSAGES_MAX, "Requests, or writes of a stream, after which each sender stops, likewise.");
    static final SpecKey RESET_CLOSE = key("traffic.reset-close", "reset-close", SpecKey.Type.BOOLEAN, "false", 0, 0,
            "Whether the source closes each connection with a reset (SO_LINGER 0), which leaves none in TIME_WAIT;"
            + " with kind connect-request-response.");
    static final SpecKey CONNECTION_PORTS = key("traffic.connection-ports", "connection-ports",
            SpecKey.Type.PORT_RANGE, "any", PortRange.PORT_MIN, Ports.PORT_MAX,
            "Source ports of the connections, one after the other and around again; with kind"
                    + " connect-request-response.");
    static final SpecKey DURATION = key("duration", "duration", SpecKey.Type.DURATION, "10s", 10 * MS, 30 * 24 * HOUR,
            "Length of the measured window.");
    static final SpecKey WARMUP = key("warmup", "warmup", SpecKey.Type.DURATION, "auto", 0, HOUR,
            "Traffic before it that is published but not summed; auto: a fifth of the duration, at most 1s.");
    static final SpecKey INTERVAL = key("interval", "interval", SpecKey.Type.DURATION, "1s", 10 * MS, HOUR,
            "Length of one reporting period.");
    static final SpecKey IP_VERSION = new SpecKey("ip-version", "ip-version", SpecKey.Type.CHOICE, "any",
            List.of("4", "6", "any"), 0, 0, "IP version of the flows.");
    static final SpecKey APPLICATION_CPU = key("placement.application-cpu", "application-cpu",
            SpecKey.Type.APPLICATION_CPU,
            "same-core", 0, 0, "CPU of the worker, seen from the flow's receive CPU.");
    static final SpecKey EXCLUSIVE = choice("placement.exclusive", "exclusive", Exclusive.STRICT, Exclusive.class,
            "What two flows may not share: strict any CPU, per-side receive CPUs on each side, none nothing.");
    static final SpecKey SMT = choice("placement.smt", "smt", Smt.AVOID, Smt.class,
            "Whether flows keep off the SMT siblings of each other's CPUs, or may share a core.");
    static final SpecKey SOURCE_CPUS = key("placement.source-cpus", "source-cpus", SpecKey.Type.CPU_LIST, "all", 0, 0,
            "CPUs that flows may use at their sources.");
    static final SpecKey DESTINATION_CPUS = key("placement.destination-cpus", "destination-cpus", SpecKey.Type.CPU_LIST,
            "all", 0, 0, "CPUs that flows may use at their destinations.");
    static final SpecKey ISOLATED_ONLY = key("placement.isolated-only", "isolated-only", SpecKey.Type.BOOLEAN, "false",
            0, 0, "Whether flows may use isolated CPUs (isolcpus) only, to receive as well as for the application.");
    static final SpecKey MAX_CANDIDATES = key("placement.max-candidates", "max-candidates", SpecKey.Type.INTEGER,
            "512", 1,
            16_384, "Connections that the search for free CPUs may open in all.");
    static final SpecKey SOURCE_PORTS = key("placement.source-ports", "source-ports", SpecKey.Type.PORT_LIST, "any", 1,
            Ports.PORT_MAX,
            "Source ports that the search uses for each pair of hosts, in this order and no others.");
    static final SpecKey ENGINE = choice("io.engine", "engine", IoEngine.BLOCKING, IoEngine.class,
            "How a worker waits for its socket.");
    static final SpecKey READ_SIZE = key("io.read-size", "read-size", SpecKey.Type.SIZE, "64KiB", 1,
            BUFFER_MAX_MIB * MIB,
            "Bytes asked of one receive call.");
    static final SpecKey WRITE_SIZE = key("io.write-size", "write-size", SpecKey.Type.SIZE, "64KiB", 1,
            BUFFER_MAX_MIB * MIB,
            "Bytes given to one send call of stream traffic.");
    static final SpecKey VALIDATE = key("io.validate", "validate", SpecKey.Type.BOOLEAN, "true", 0, 0,
            "Whether every received byte is checked in the measured window too.");
    static final SpecKey TRUNCATE_RECEIVE = key("io.truncate-receive", "truncate-receive", SpecKey.Type.BOOLEAN,
            "false", 0, 0, "Whether the kernel throws received payload away instead of copying it (MSG_TRUNC); with"
            + " validate false.");
    static final SpecKey ZEROCOPY_SEND = key("io.zerocopy-send", "zerocopy-send", SpecKey.Type.BOOLEAN, "false", 0, 0,
            "Whether workers send with MSG_ZEROCOPY, or SEND_ZC with engine io-uring; the result says how often the"
                    + " kernel copied after all.");
    static final SpecKey ZEROCOPY_RECEIVE = key("io.zerocopy-receive", "zerocopy-receive", SpecKey.Type.BOOLEAN,
            "false", 0, 0, "Whether workers map the pages a stream arrived in instead of copying them"
            + " (TCP_ZEROCOPY_RECEIVE); the result says how many bytes could not be mapped.");
    static final SpecKey HUGE_PAGES = key("io.huge-pages", "huge-pages", SpecKey.Type.BOOLEAN, "false", 0, 0,
            "Whether workers keep their payload buffers in huge pages (MAP_HUGETLB).");
    static final SpecKey RECEIVE_MEMORY = choice("io.receive-memory", "receive-memory", ReceiveMemory.HOST,
            ReceiveMemory.class, "Where payload lands: in the kernel's buffers, a device's memory (TCP devmem), or"
            + " the worker's through a receive queue (io_uring); the last two need a device that has them.");
    static final SpecKey TLS_DIRECTIONS = new SpecKey("tls.directions", "tls", SpecKey.Type.CHOICE, "none",
            List.of("none", "send", "receive", "both"), 0, 0, "Directions of every connection that the kernels of"
            + " both ends encrypt and decrypt (kTLS), seen from the source.");
    static final SpecKey TLS_VERSION = new SpecKey("tls.version", "tls-version", SpecKey.Type.CHOICE, "1.3",
            List.of("1.2", "1.3"), 0, 0, "Version of the TLS records.");
    static final SpecKey TLS_CIPHER = choice("tls.cipher", "tls-cipher", Tls.Cipher.AES_GCM_128, Tls.Cipher.class,
            "Cipher of the TLS records.");
    static final SpecKey TLS_NO_PAD = key("tls.no-pad", "tls-no-pad", SpecKey.Type.BOOLEAN, "false", 0, 0,
            "Whether receivers expect TLS 1.3 records without padding (TLS_RX_EXPECT_NO_PAD).");
    static final SpecKey SEGMENTATION_OFFLOAD = new SpecKey("io.segmentation-offload", "segmentation-offload",
            SpecKey.Type.CHOICE, "auto", List.of("auto", "true", "false"), 0, 0,
            "Whether datagram streams go through the network stack many at a time (UDP_SEGMENT, UDP_GRO); auto: where"
            + " kernel, device and message size allow it.");
    static final SpecKey TIMESTAMPS = choice("io.timestamps", "timestamps", Timestamps.NONE, Timestamps.class,
            "Whether workers ask the kernel when it received what they read, which tells how long that waited for them"
            + " (SO_TIMESTAMPING).");
    static final SpecKey FLOWS_PER_WORKER = key("io.flows-per-worker", "flows-per-worker", SpecKey.Type.INTEGER, "1", 1,
            IoSettings.FLOWS_PER_WORKER_MAX, "Flows of a pair of hosts that share one worker and its application CPU;"
            + " more than 1 with engine epoll or io-uring and exclusive none.");
    static final SpecKey MULTISHOT_RECEIVE = new SpecKey("io.multishot-receive", "multishot-receive",
            SpecKey.Type.CHOICE, "auto", List.of("auto", "true", "false"), 0, 0,
            "Whether one request brings any number of receives, into buffers that the kernel picks; with engine"
                    + " io-uring.");
    static final SpecKey REGISTERED_BUFFERS = new SpecKey("io.registered-buffers", "registered-buffers",
            SpecKey.Type.CHOICE, "auto", List.of("auto", "true", "false"), 0, 0,
            "Whether payload goes from and into memory that is pinned once; with engine io-uring. auto: with"
                    + " zerocopy-send.");
    static final SpecKey NODELAY = key("socket.nodelay", "nodelay", SpecKey.Type.BOOLEAN, "true", 0, 0, "TCP_NODELAY.");
    static final SpecKey CONGESTION_CONTROL = key("socket.congestion-control", "congestion-control", SpecKey.Type.NAME,
            "default", 1, 15, "TCP_CONGESTION, such as cubic or bbr; the host's own by default.");
    static final SpecKey SEND_BUFFER = key("socket.send-buffer", "send-buffer", SpecKey.Type.SIZE, "auto", 1,
            BUFFER_MAX_MIB * MIB, "SO_SNDBUF; by default tuned by the kernel, of datagrams net.core.wmem_default. Above"
                    + " net.core.wmem_max for workers with CAP_NET_ADMIN alone.");
    static final SpecKey RECEIVE_BUFFER = key("socket.receive-buffer", "receive-buffer", SpecKey.Type.SIZE, "auto", 1,
            BUFFER_MAX_MIB * MIB, "SO_RCVBUF; by default tuned by the kernel, of datagrams net.core.rmem_default. Above"
                    + " net.core.rmem_max for workers with CAP_NET_ADMIN alone.");
    static final SpecKey MAX_PACING_RATE = key("socket.max-pacing-rate", "max-pacing-rate", SpecKey.Type.RATE,
            "unlimited",
            1_000, 10_000_000_000_000L, "SO_MAX_PACING_RATE of each flow.");
    static final SpecKey MSS = key("socket.mss", "mss", SpecKey.Type.SIZE, "auto", 88, 32_767,
            "TCP_MAXSEG of every flow, TCP options included; by the path's MTU by default.");
    static final SpecKey DSCP = key("socket.dscp", "dscp", SpecKey.Type.DSCP, "none", 0, Dscp.MAX,
            "Differentiated services code point of both directions.");
    static final SpecKey FLOW_LABEL = key("socket.flow-label", "flow-label", SpecKey.Type.INTEGER, "auto", 1,
            0xFFFFF, "IPv6 flow label of the sources' packets; with ip-version 6.");
    static final SpecKey QUICK_ACK = new SpecKey("socket.quick-ack", "quick-ack", SpecKey.Type.CHOICE, "auto",
            List.of("auto", "true", "false"), 0, 0,
            "TCP_QUICKACK, set once before traffic; the kernel may go back on it, and the result says so.");
    static final SpecKey USER_TIMEOUT = key("socket.user-timeout", "user-timeout", SpecKey.Type.DURATION, "auto", MS,
            24 * HOUR,
            "TCP_USER_TIMEOUT: unacknowledged for so long ends a flow; in whole milliseconds; auto is 10 s.");
    static final SpecKey NOT_SENT_LOW_WATER = key("socket.not-sent-low-water", "not-sent-low-water",
            SpecKey.Type.SIZE, "auto", 1, BUFFER_MAX_MIB * MIB, "TCP_NOTSENT_LOWAT; none by default.");
    static final SpecKey SOURCE_DEVICE = key("socket.source-device", "source-device", SpecKey.Type.NAME, "any", 1, 15,
            "SO_BINDTODEVICE of sources: flows leave and arrive by this network device only.");
    static final SpecKey DESTINATION_DEVICE = key("socket.destination-device", "destination-device",
            SpecKey.Type.NAME, "any", 1, 15, "SO_BINDTODEVICE of destinations.");
    static final SpecKey PSP = key("socket.psp", "psp", SpecKey.Type.BOOLEAN, "false", 0, 0,
            "Whether the devices encrypt every connection by PSP; needs devices that can.");
    static final SpecKey WHEN_BUSY = choice("when-busy", "when-busy", WhenBusy.QUEUE, WhenBusy.class,
            "Whether the run waits for CPUs that other runs claim, or is rejected.");

    static final SpecKey ON_DRIFT = choice("placement.on-drift", "on-drift", OnDrift.REPORT, OnDrift.class,
            "What becomes of the run when a flow leaves its lane: report says so and goes on, rehunt stops, finds"
                    + " lanes anew and measures again from the beginning, at most three times.");
    static final SpecKey PRIORITY = key("priority", "priority", SpecKey.Type.INTEGER, "0", -100, 100,
            "Place in the line of waiting runs: higher first, then in order of arrival.");
    static final SpecKey NOT_BEFORE = key("not-before", "not-before", SpecKey.Type.START_TIME, "now", 0,
            366 * 24 * HOUR, "Earliest begin, by the broker's clock; until then the run stands in nobody's way.");
    static final SpecKey REPEAT_COUNT = key("repeat.count", "repeat", SpecKey.Type.INTEGER, "1", 1, 1000,
            "How often the run is measured, each time on the same lanes.");
    static final SpecKey LIKE = key("like", "like", SpecKey.Type.NAME, "", 1, RUN_ID_MAX,
            "Earlier run between the same hosts whose lanes this one asks for; a warning says which it did not get.");
    static final SpecKey THRESHOLDS = key("thresholds", "thresholds", SpecKey.Type.THRESHOLD_LIST, "", 0,
            Threshold.COUNT_MAX, "What the result is held to; when it keeps one of them not, the exit code is 99.");

    private static final SequencedMap<String, SpecKey> BY_PATH = byPath(List.of(
            RUN, SOURCES, DESTINATIONS, TOPOLOGY, FLOWS, TRAFFIC_KIND, MESSAGE_SIZE, REQUEST_SIZE, RESPONSE_SIZE,
            OUTSTANDING, REQUEST_TIMEOUT, TRAFFIC_RATE, ARRIVAL, SEED, BURST,
            REVERSE, MOST_BYTES, MOST_MESSAGES, RESET_CLOSE,
            CONNECTION_PORTS,
            DURATION, WARMUP, INTERVAL, IP_VERSION, APPLICATION_CPU, EXCLUSIVE, SMT,
            SOURCE_CPUS, DESTINATION_CPUS, ISOLATED_ONLY, MAX_CANDIDATES, SOURCE_PORTS, ON_DRIFT, ENGINE, READ_SIZE,
            WRITE_SIZE, VALIDATE, TRUNCATE_RECEIVE, ZEROCOPY_SEND,
            ZEROCOPY_RECEIVE, HUGE_PAGES, RECEIVE_MEMORY, SEGMENTATION_OFFLOAD,
            TIMESTAMPS, FLOWS_PER_WORKER,
            MULTISHOT_RECEIVE, REGISTERED_BUFFERS,
            TLS_DIRECTIONS, TLS_VERSION, TLS_CIPHER, TLS_NO_PAD,
            NODELAY, CONGESTION_CONTROL, SEND_BUFFER,
            RECEIVE_BUFFER, MAX_PACING_RATE, MSS, DSCP, FLOW_LABEL, QUICK_ACK, USER_TIMEOUT, NOT_SENT_LOW_WATER,
            SOURCE_DEVICE, DESTINATION_DEVICE,
            PSP,
            WHEN_BUSY, PRIORITY, NOT_BEFORE, LIKE, THRESHOLDS, REPEAT_COUNT));

    /** Keys that are part of the spec's design but that this version cannot carry out. */
    private static final List<String> LATER = List.of();

    /** Words that later versions take, by path. */
    private static final Map<String, List<String>> LATER_CHOICES = Map.of();

    private SpecKeys() {}

    /** Every key of this version, in the order of a written spec. */
    public static List<SpecKey> all() {
        return List.copyOf(BY_PATH.values());
    }

    /** The key at a dotted path. */
    public static Optional<SpecKey> find(String path) {
        return Optional.ofNullable(BY_PATH.get(path));
    }

    /** Whether the path is a section, such as {@code placement}. */
    static boolean isSection(String path) {
        return !path.isEmpty() && BY_PATH.values().stream().anyMatch(key -> key.section().equals(path));
    }

    /** Whether the path, or a section above it, is left to a later version. */
    static boolean isLater(String path) {
        return LATER.stream().anyMatch(later -> path.equals(later) || path.startsWith(later + "."));
    }

    /** Whether the word at this key is left to a later version. */
    static boolean isLaterChoice(SpecKey key, String word) {
        return LATER_CHOICES.getOrDefault(key.path(), List.of()).contains(word);
    }

    /** Names that may stand directly in a section; the empty path is the top. */
    static List<String> namesIn(String section) {
        String prefix = section.isEmpty() ? "" : section + ".";
        return BY_PATH.keySet().stream()
                .filter(path -> path.startsWith(prefix))
                .map(path -> path.substring(prefix.length()).split("\\.", 2)[0])
                .distinct()
                .toList();
    }

    /** The problem with a path that is neither a key nor a section. */
    static Problem unknownKey(String path) {
        if (isLater(path)) {
            return new Problem(path, "not in this version", "", "leave it out");
        }
        int dot = path.lastIndexOf('.');
        String section = dot > 0 && isSection(path.substring(0, dot)) ? path.substring(0, dot) : "";
        String nearest = nearest(path, section);
        return new Problem(
                path,
                "unknown key",
                String.join(", ", namesIn(section)),
                nearest == null ? "" : "did you mean " + nearest + "?");
    }

    /** Spelling within reach wins; among equals the same section, then the order of the list. */
    private static @Nullable String nearest(String path, String section) {
        String prefix = section.isEmpty() ? "" : section + ".";
        String name = path.substring(path.lastIndexOf('.') + 1);
        var names = new LinkedHashMap<String, String>();
        namesIn(section).forEach(sibling -> names.put(prefix + sibling, sibling));
        all().forEach(key -> names.putIfAbsent(key.path(), key.name()));
        String best = null;
        int bestDistance = Math.max(2, name.length() / 3) + 1;
        for (Map.Entry<String, String> candidate : names.entrySet()) {
            int distance = Spelling.distance(name, candidate.getValue());
            if (distance < bestDistance) {
                best = candidate.getKey();
                bestDistance = distance;
            }
        }
        return best;
    }

    /** A constant as specs spell it: {@code FAN_IN} is {@code fan-in}. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static SpecKey key(
            String path, String flag, SpecKey.Type type, String defaultText, long minimum, long maximum, String doc) {
        return new SpecKey(path, flag, type, defaultText, List.of(), minimum, maximum, doc);
    }

    private static <E extends Enum<E>> SpecKey choice(
            String path, String flag, E defaultValue, Class<E> choices, String doc) {
        List<String> words = Arrays.stream(choices.getEnumConstants()).map(SpecKeys::word).toList();
        return new SpecKey(path, flag, SpecKey.Type.CHOICE, word(defaultValue), words, 0, 0, doc);
    }

    private static SequencedMap<String, SpecKey> byPath(List<SpecKey> keys) {
        return keys.stream().collect(Collectors.toMap(SpecKey::path, key -> key, (a, b) -> a, LinkedHashMap::new));
    }
}
