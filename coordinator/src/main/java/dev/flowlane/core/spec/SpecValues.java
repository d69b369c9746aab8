package dev.flowlane.core.spec;

import dev.flowlane.core.spec.SpecDocument.Given;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Builds the spec of a document out of its values. Whatever is wrong becomes a problem: one pass finds them all. */
final class SpecValues {
    private static final Duration LONGEST_AUTO_WARMUP = Duration.ofSeconds(1);
    private static final Pattern OFFSET = Pattern.compile("[-+][0-9]{1,4}");

    private static final long NS_PER_MS = 1_000_000;

    private final GivenValues given;
    private final List<Problem> problems;

    SpecValues(Map<String, Given> values, List<Problem> problems) {
        this.given = new GivenValues(values, problems);
        this.problems = problems;
    }

    @Nullable String runId() {
        if (!given.isGiven(SpecKeys.RUN)) {
            return null;
        }
        String runId = given.text(SpecKeys.RUN);
        Problem problem = SpecValidator.runIdProblem(runId);
        if (problem != null) {
            problems.add(problem);
        }
        return runId;
    }

    RunSpec spec() {
        Duration measured = given.duration(SpecKeys.DURATION);
        return new RunSpec(
                given.names(SpecKeys.SOURCES),
                given.names(SpecKeys.DESTINATIONS),
                given.choice(SpecKeys.TOPOLOGY, Topology.class),
                given.integer(SpecKeys.FLOWS),
                traffic(),
                measured,
                warmup(measured),
                given.duration(SpecKeys.INTERVAL),
                ipVersion(),
                new PlacementPolicy(
                        applicationCpu(),
                        given.choice(SpecKeys.EXCLUSIVE, Exclusive.class),
                        given.choice(SpecKeys.SMT, Smt.class),
                        given.cpus(SpecKeys.SOURCE_CPUS),
                        given.cpus(SpecKeys.DESTINATION_CPUS),
                        given.bool(SpecKeys.ISOLATED_ONLY),
                        given.integer(SpecKeys.MAX_CANDIDATES),
                        given.ports(SpecKeys.SOURCE_PORTS)),
                new IoSettings(
                        given.choice(SpecKeys.ENGINE, IoEngine.class),
                        new RingSettings(
                                given.automatic(SpecKeys.MULTISHOT_RECEIVE),
                                given.automatic(SpecKeys.REGISTERED_BUFFERS)),
                        given.size(SpecKeys.READ_SIZE),
                        given.size(SpecKeys.WRITE_SIZE),
                        given.bool(SpecKeys.VALIDATE),
                        given.bool(SpecKeys.TRUNCATE_RECEIVE),
                        given.bool(SpecKeys.ZEROCOPY_SEND),
                        given.bool(SpecKeys.ZEROCOPY_RECEIVE),
                        given.bool(SpecKeys.HUGE_PAGES),
                        given.choice(SpecKeys.RECEIVE_MEMORY, ReceiveMemory.class),
                        given.automatic(SpecKeys.SEGMENTATION_OFFLOAD),
                        given.choice(SpecKeys.TIMESTAMPS, Timestamps.class),
                        given.integer(SpecKeys.FLOWS_PER_WORKER)),
                new SocketSettings(
                        given.bool(SpecKeys.NODELAY),
                        given.optionalName(SpecKeys.CONGESTION_CONTROL),
                        given.optionalSize(SpecKeys.SEND_BUFFER),
                        given.optionalSize(SpecKeys.RECEIVE_BUFFER),
                        given.optionalRate(SpecKeys.MAX_PACING_RATE),
                        given.optionalSize(SpecKeys.MSS),
                        given.dscp(SpecKeys.DSCP),
                        given.isDefault(SpecKeys.FLOW_LABEL) ? null : (Integer) given.integer(SpecKeys.FLOW_LABEL),
                        given.automatic(SpecKeys.QUICK_ACK),
                        userTimeoutMs(),
                        given.optionalSize(SpecKeys.NOT_SENT_LOW_WATER),
                        given.optionalName(SpecKeys.SOURCE_DEVICE),
                        given.optionalName(SpecKeys.DESTINATION_DEVICE),
                        tls(),
                        given.bool(SpecKeys.PSP)),
                given.choice(SpecKeys.WHEN_BUSY, WhenBusy.class),
                new Conduct(
                        given.integer(SpecKeys.PRIORITY),
                        notBefore(),
                        given.choice(SpecKeys.ON_DRIFT, OnDrift.class),
                        given.integer(SpecKeys.REPEAT_COUNT),
                        like(),
                        Threshold.parseAll(given.names(SpecKeys.THRESHOLDS), problems)),
                new Course(
                        given.bool(SpecKeys.REVERSE),
                        given.isDefault(SpecKeys.MOST_BYTES)
                                ? null
                                : (Long) given.number(SpecKeys.MOST_BYTES, Units::parseSizeBytes),
                        given.isDefault(SpecKeys.MOST_MESSAGES)
                                ? null
                                : (Long) given.wholeNumber(SpecKeys.MOST_MESSAGES)));
    }

    private Traffic traffic() {
        return new TrafficValues(given::isGiven, given::isDefault, problems)
                .of(new TrafficValues.Values(
                        given.word(SpecKeys.TRAFFIC_KIND),
                        given.size(SpecKeys.MESSAGE_SIZE),
                        given.size(SpecKeys.REQUEST_SIZE),
                        given.size(SpecKeys.RESPONSE_SIZE),
                        given.isDefault(SpecKeys.OUTSTANDING) ? 0 : outstanding(),
                        given.duration(SpecKeys.REQUEST_TIMEOUT),
                        given.bool(SpecKeys.RESET_CLOSE),
                        given.portRange(SpecKeys.CONNECTION_PORTS),
                        pace()));
    }

    /** A 0 that was given is out of range; it must not pass for what 0 means to others. */
    private int outstanding() {
        int outstanding = given.integer(SpecKeys.OUTSTANDING);
        return outstanding == 0 ? -1 : outstanding;
    }

    private @Nullable Tls tls() {
        String directions = given.word(SpecKeys.TLS_DIRECTIONS);
        Tls tls = new Tls(
                switch (directions) {
                    case "send" -> Tls.Directions.SEND;
                    case "receive" -> Tls.Directions.RECEIVE;
                    default -> Tls.Directions.BOTH;
                },
                given.word(SpecKeys.TLS_VERSION).equals(Tls.Version.TLS_1_2.text())
                        ? Tls.Version.TLS_1_2
                        : Tls.Version.TLS_1_3,
                given.choice(SpecKeys.TLS_CIPHER, Tls.Cipher.class),
                given.bool(SpecKeys.TLS_NO_PAD));
        if (!directions.equals(SpecKeys.TLS_DIRECTIONS.defaultText())) {
            return tls;
        }
        for (SpecKey idle : List.of(SpecKeys.TLS_VERSION, SpecKeys.TLS_CIPHER, SpecKeys.TLS_NO_PAD)) {
            if (!given.isDefault(idle)) {
                problems.add(new Problem(idle.path(), "without directions nothing is encrypted", "",
                        "set tls.directions, or leave it out"));
            }
        }
        return null;
    }

    private @Nullable Pace pace() {
        Pace.Arrival arrival = given.choice(SpecKeys.ARRIVAL, Pace.Arrival.class);
        long seed = given.wholeNumber(SpecKeys.SEED);
        int burst = given.integer(SpecKeys.BURST);
        SpecKey key = SpecKeys.TRAFFIC_RATE;
        if (given.isDefault(key)) {
            for (SpecKey idle : List.of(SpecKeys.ARRIVAL, SpecKeys.SEED, SpecKeys.BURST)) {
                if (!given.isDefault(idle)) {
                    problems.add(new Problem(idle.path(), "without a rate nothing is due at any time", "",
                            "set traffic.rate, or leave it out"));
                }
            }
            return null;
        }
        String text = given.text(key);
        try {
            return Units.isMessageRate(text)
                    ? new Pace(Units.parseMessagesPerSecond(text), Pace.Unit.MESSAGES, arrival, seed, burst)
                    : new Pace(Units.parseRateBitsPerSecond(text), Pace.Unit.BITS, arrival, seed, burst);
        } catch (Units.BadQuantityException e) {
            problems.add(new Problem(key.path(), Problem.quote(text) + " is not accepted: " + e.getMessage(),
                    key.allowed(), ""));
            return null;
        }
    }

    private int ipVersion() {
        String word = given.word(SpecKeys.IP_VERSION);
        return word.equals("any") ? RunSpec.ANY_IP_VERSION : Integer.parseInt(word);
    }

    /** Long enough for TCP to open its window, and never most of what a short run takes. */
    private Duration warmup(Duration measured) {
        if (!given.text(SpecKeys.WARMUP).equals(SpecKeys.WARMUP.defaultText())) {
            return given.duration(SpecKeys.WARMUP);
        }
        long fifthNs = measured.toNanos() / 5;
        return Duration.ofNanos(Math.min(fifthNs, LONGEST_AUTO_WARMUP.toNanos()));
    }

    private @Nullable String like() {
        return given.isGiven(SpecKeys.LIKE) ? given.text(SpecKeys.LIKE) : null;
    }

    private NotBefore notBefore() {
        SpecKey key = SpecKeys.NOT_BEFORE;
        String text = given.text(key);
        if (text.equals(key.defaultText())) {
            return new NotBefore.AtOnce();
        }
        if (text.startsWith("+")) {
            return new NotBefore.Delay(Duration.ofNanos(
                    given.number(key, delay -> Units.parseDuration(delay.substring(1)).toNanos())));
        }
        try {
            // RFC 3339 is what ISO 8601 and this class have in common with a T in the middle and an offset.
            NotBefore notBefore = new NotBefore.At(OffsetDateTime.parse(text).toInstant());
            Problem problem = notBefore.problem();
            if (problem == null) {
                return notBefore;
            }
            problems.add(problem);
        } catch (DateTimeParseException e) {
            problems.add(new Problem(key.path(), Problem.quote(text) + " is not accepted: it is no time with an offset"
                    + " from UTC", key.allowed(), ""));
        }
        return new NotBefore.AtOnce();
    }

    private @Nullable Integer userTimeoutMs() {
        SpecKey key = SpecKeys.USER_TIMEOUT;
        if (given.isDefault(key)) {
            return null;
        }
        Duration timeout = given.duration(key);
        if (timeout.toNanos() % NS_PER_MS != 0) {
            String text = Problem.quote(given.text(key));
            problems.add(new Problem(key.path(), text + " is not a whole number of milliseconds",
                    key.allowed(), ""));
        }
        return (int) timeout.toMillis();
    }

    private ApplicationCpu applicationCpu() {
        SpecKey key = SpecKeys.APPLICATION_CPU;
        String text = GivenValues.withoutBrackets(given.text(key));
        return switch (text) {
            case "same-core" -> new ApplicationCpu.SameCore();
            case "cross" -> new ApplicationCpu.Cross();
            case "numa-local" -> new ApplicationCpu.NumaLocal();
            case "unpinned" -> new ApplicationCpu.Unpinned();
            default -> offsetOrList(key, text);
        };
    }

    private ApplicationCpu offsetOrList(SpecKey key, String text) {
        if (OFFSET.matcher(text).matches()) {
            return new ApplicationCpu.Offset(Integer.parseInt(text));
        }
        if (!text.isEmpty() && Character.isLetter(text.charAt(0))) {
            problems.add(given.notAccepted(key, text));
            return new ApplicationCpu.SameCore();
        }
        CpuSet cpus = given.parseCpus(key, text);
        return cpus == null ? new ApplicationCpu.SameCore() : new ApplicationCpu.Explicit(cpus);
    }
}
