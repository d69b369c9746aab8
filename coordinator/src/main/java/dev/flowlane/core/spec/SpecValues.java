package dev.flowlane.core.spec;

import dev.flowlane.core.spec.SpecDocument.Given;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/**
 * The typed values of a document. A value that cannot be read becomes a problem and its default stands in for it, so
 * that one pass finds them all.
 */
final class SpecValues {
    private static final Duration LONGEST_AUTO_WARMUP = Duration.ofSeconds(1);
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,18}");
    private static final Pattern OFFSET = Pattern.compile("[-+][0-9]{1,4}");

    private static final long NS_PER_MS = 1_000_000;

    private final Map<String, Given> values;
    private final List<Problem> problems;

    SpecValues(Map<String, Given> values, List<Problem> problems) {
        this.values = values;
        this.problems = problems;
    }

    @Nullable String runId() {
        if (!values.containsKey(SpecKeys.RUN.path())) {
            return null;
        }
        String runId = text(SpecKeys.RUN);
        Problem problem = SpecValidator.runIdProblem(runId);
        if (problem != null) {
            problems.add(problem);
        }
        return runId;
    }

    RunSpec spec() {
        Duration measured = duration(SpecKeys.DURATION);
        return new RunSpec(
                names(SpecKeys.SOURCES),
                names(SpecKeys.DESTINATIONS),
                choice(SpecKeys.TOPOLOGY, Topology.class),
                integer(SpecKeys.FLOWS),
                traffic(),
                measured,
                warmup(measured),
                duration(SpecKeys.INTERVAL),
                ipVersion(),
                new PlacementPolicy(
                        applicationCpu(),
                        choice(SpecKeys.EXCLUSIVE, Exclusive.class),
                        choice(SpecKeys.SMT, Smt.class),
                        cpus(SpecKeys.SOURCE_CPUS),
                        cpus(SpecKeys.DESTINATION_CPUS),
                        bool(SpecKeys.ISOLATED_ONLY),
                        integer(SpecKeys.MAX_CANDIDATES),
                        ports(SpecKeys.SOURCE_PORTS)),
                new IoSettings(
                        choice(SpecKeys.ENGINE, IoEngine.class),
                        new RingSettings(
                                automatic(SpecKeys.MULTISHOT_RECEIVE), automatic(SpecKeys.REGISTERED_BUFFERS)),
                        size(SpecKeys.READ_SIZE),
                        size(SpecKeys.WRITE_SIZE),
                        bool(SpecKeys.VALIDATE),
                        bool(SpecKeys.TRUNCATE_RECEIVE),
                        bool(SpecKeys.ZEROCOPY_SEND),
                        bool(SpecKeys.ZEROCOPY_RECEIVE),
                        bool(SpecKeys.HUGE_PAGES),
                        choice(SpecKeys.RECEIVE_MEMORY, ReceiveMemory.class),
                        automatic(SpecKeys.SEGMENTATION_OFFLOAD),
                        choice(SpecKeys.TIMESTAMPS, Timestamps.class),
                        integer(SpecKeys.FLOWS_PER_WORKER)),
                new SocketSettings(
                        bool(SpecKeys.NODELAY),
                        optionalName(SpecKeys.CONGESTION_CONTROL),
                        optionalSize(SpecKeys.SEND_BUFFER),
                        optionalSize(SpecKeys.RECEIVE_BUFFER),
                        optionalRate(SpecKeys.MAX_PACING_RATE),
                        optionalSize(SpecKeys.MSS),
                        dscp(),
                        isDefault(SpecKeys.FLOW_LABEL) ? null : (Integer) integer(SpecKeys.FLOW_LABEL),
                        automatic(SpecKeys.QUICK_ACK),
                        userTimeoutMs(),
                        optionalSize(SpecKeys.NOT_SENT_LOW_WATER),
                        optionalName(SpecKeys.SOURCE_DEVICE),
                        optionalName(SpecKeys.DESTINATION_DEVICE),
                        tls(),
                        bool(SpecKeys.PSP)),
                choice(SpecKeys.WHEN_BUSY, WhenBusy.class),
                new Conduct(
                        integer(SpecKeys.PRIORITY),
                        notBefore(),
                        choice(SpecKeys.ON_DRIFT, OnDrift.class),
                        integer(SpecKeys.REPEAT_COUNT),
                        like(),
                        Threshold.parseAll(names(SpecKeys.THRESHOLDS), problems)),
                new Course(
                        bool(SpecKeys.REVERSE),
                        isDefault(SpecKeys.MOST_BYTES)
                                ? null
                                : (Long) number(SpecKeys.MOST_BYTES, Units::parseSizeBytes),
                        isDefault(SpecKeys.MOST_MESSAGES) ? null : (Long) wholeNumber(SpecKeys.MOST_MESSAGES)));
    }

    private Traffic traffic() {
        return new TrafficValues(key -> values.containsKey(key.path()), this::isDefault, problems)
                .of(new TrafficValues.Values(
                        word(SpecKeys.TRAFFIC_KIND),
                        size(SpecKeys.MESSAGE_SIZE),
                        size(SpecKeys.REQUEST_SIZE),
                        size(SpecKeys.RESPONSE_SIZE),
                        isDefault(SpecKeys.OUTSTANDING) ? 0 : outstanding(),
                        duration(SpecKeys.REQUEST_TIMEOUT),
                        bool(SpecKeys.RESET_CLOSE),
                        connectionPorts(),
                        pace()));
    }

    /** A 0 that was given is out of range; it must not pass for what 0 means to others. */
    private int outstanding() {
        int given = integer(SpecKeys.OUTSTANDING);
        return given == 0 ? -1 : given;
    }

    private @Nullable Tls tls() {
        String directions = word(SpecKeys.TLS_DIRECTIONS);
        Tls tls = new Tls(
                switch (directions) {
                    case "send" -> Tls.Directions.SEND;
                    case "receive" -> Tls.Directions.RECEIVE;
                    default -> Tls.Directions.BOTH;
                },
                word(SpecKeys.TLS_VERSION).equals(Tls.Version.TLS_1_2.text())
                        ? Tls.Version.TLS_1_2
                        : Tls.Version.TLS_1_3,
                choice(SpecKeys.TLS_CIPHER, Tls.Cipher.class),
                bool(SpecKeys.TLS_NO_PAD));
        if (!directions.equals(SpecKeys.TLS_DIRECTIONS.defaultText())) {
            return tls;
        }
        for (SpecKey idle : List.of(SpecKeys.TLS_VERSION, SpecKeys.TLS_CIPHER, SpecKeys.TLS_NO_PAD)) {
            if (!isDefault(idle)) {
                problems.add(new Problem(idle.path(), "without directions nothing is encrypted", "",
                        "set tls.directions, or leave it out"));
            }
        }
        return null;
    }

    private @Nullable Pace pace() {
        Pace.Arrival arrival = choice(SpecKeys.ARRIVAL, Pace.Arrival.class);
        long seed = wholeNumber(SpecKeys.SEED);
        int burst = integer(SpecKeys.BURST);
        SpecKey key = SpecKeys.TRAFFIC_RATE;
        if (isDefault(key)) {
            for (SpecKey idle : List.of(SpecKeys.ARRIVAL, SpecKeys.SEED, SpecKeys.BURST)) {
                if (!isDefault(idle)) {
                    problems.add(new Problem(idle.path(), "without a rate nothing is due at any time", "",
                            "set traffic.rate, or leave it out"));
                }
            }
            return null;
        }
        String text = text(key);
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
        String word = word(SpecKeys.IP_VERSION);
        return word.equals("any") ? RunSpec.ANY_IP_VERSION : Integer.parseInt(word);
    }

    private List<String> names(SpecKey key) {
        return switch (values.get(key.path())) {
            case null -> List.of();
            case Given.Items(List<String> texts) -> texts;
            case Given.Scalar(String text) -> split(text);
        };
    }

    private static List<String> split(String text) {
        String inner = withoutBrackets(text);
        var names = new ArrayList<String>();
        if (!inner.isEmpty()) {
            Arrays.stream(inner.split(",", -1)).map(String::strip).forEach(names::add);
        }
        return names;
    }

    private static String withoutBrackets(String text) {
        return text.startsWith("[") && text.endsWith("]") && text.length() > 1
                ? text.substring(1, text.length() - 1).strip()
                : text;
    }

    private <E extends Enum<E>> E choice(SpecKey key, Class<E> type) {
        String word = word(key);
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> SpecKeys.word(constant).equals(word))
                .findFirst()
                .orElseThrow();
    }

    /** One of the key's choices, always. */
    private String word(SpecKey key) {
        String word = text(key);
        if (key.choices().contains(word)) {
            return word;
        }
        problems.add(notAccepted(key, word));
        return key.defaultText();
    }

    private Problem notAccepted(SpecKey key, String word) {
        if (SpecKeys.isLaterChoice(key, word)) {
            return new Problem(key.path(), Problem.quote(word) + " is not in this version", key.allowed(), "");
        }
        String near = key.choices().stream()
                .filter(choice -> Spelling.distance(choice, word) <= 2)
                .findFirst()
                .map(choice -> "did you mean " + choice + "?")
                .orElse("");
        return new Problem(key.path(), Problem.quote(word) + " is not accepted", key.allowed(), near);
    }

    private boolean bool(SpecKey key) {
        String text = text(key);
        return switch (text) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> {
                problems.add(notAccepted(key, text));
                yield Boolean.parseBoolean(key.defaultText());
            }
        };
    }

    private int integer(SpecKey key) {
        return (int) wholeNumber(key);
    }

    private long wholeNumber(SpecKey key) {
        return number(key, text -> {
            if (!INTEGER.matcher(text).matches()) {
                throw new Units.BadQuantityException("it is no whole number");
            }
            return Long.parseLong(text);
        });
    }

    private int size(SpecKey key) {
        return (int) number(key, Units::parseSizeBytes);
    }

    private @Nullable Integer optionalSize(SpecKey key) {
        return isDefault(key) ? null : Integer.valueOf(size(key));
    }

    private @Nullable Long optionalRate(SpecKey key) {
        return isDefault(key) ? null : Long.valueOf(number(key, Units::parseRateBitsPerSecond));
    }

    private Duration duration(SpecKey key) {
        return Duration.ofNanos(number(key, text -> Units.parseDuration(text).toNanos()));
    }

    /** Long enough for TCP to open its window, and never most of what a short run takes. */
    private Duration warmup(Duration measured) {
        if (!text(SpecKeys.WARMUP).equals(SpecKeys.WARMUP.defaultText())) {
            return duration(SpecKeys.WARMUP);
        }
        long fifthNs = measured.toNanos() / 5;
        return Duration.ofNanos(Math.min(fifthNs, LONGEST_AUTO_WARMUP.toNanos()));
    }

    private @Nullable String like() {
        return values.containsKey(SpecKeys.LIKE.path()) ? text(SpecKeys.LIKE) : null;
    }

    private NotBefore notBefore() {
        SpecKey key = SpecKeys.NOT_BEFORE;
        String text = text(key);
        if (text.equals(key.defaultText())) {
            return new NotBefore.AtOnce();
        }
        if (text.startsWith("+")) {
            return new NotBefore.Delay(Duration.ofNanos(
                    number(key, given -> Units.parseDuration(given.substring(1)).toNanos())));
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

    /** A number within the key's range; 0 when it cannot be read, which is then a problem. */
    private long number(SpecKey key, ToLongFunction<String> parse) {
        String text = text(key);
        try {
            long value = parse.applyAsLong(text);
            Problem problem = SpecValidator.rangeProblem(key, value, text);
            if (problem == null) {
                return value;
            }
            problems.add(problem);
        } catch (Units.BadQuantityException e) {
            problems.add(new Problem(key.path(), Problem.quote(text) + " is not accepted: " + e.getMessage(),
                    key.allowed(), ""));
        }
        return key.minimum();
    }

    private @Nullable String optionalName(SpecKey key) {
        return isDefault(key) ? null : text(key);
    }

    private boolean isDefault(SpecKey key) {
        return text(key).equals(key.defaultText());
    }

    private @Nullable Integer dscp() {
        SpecKey key = SpecKeys.DSCP;
        if (isDefault(key)) {
            return null;
        }
        OptionalInt codePoint = Dscp.parse(text(key));
        if (codePoint.isEmpty()) {
            problems.add(notAccepted(key, text(key)));
            return null;
        }
        return codePoint.getAsInt();
    }

    /** null for auto. */
    private @Nullable Boolean automatic(SpecKey key) {
        String word = word(key);
        return word.equals(key.defaultText()) ? null : Boolean.valueOf(word);
    }

    private @Nullable Integer userTimeoutMs() {
        SpecKey key = SpecKeys.USER_TIMEOUT;
        if (isDefault(key)) {
            return null;
        }
        Duration timeout = duration(key);
        if (timeout.toNanos() % NS_PER_MS != 0) {
            problems.add(new Problem(key.path(), Problem.quote(text(key)) + " is not a whole number of milliseconds",
                    key.allowed(), ""));
        }
        return (int) timeout.toMillis();
    }

    private ApplicationCpu applicationCpu() {
        SpecKey key = SpecKeys.APPLICATION_CPU;
        String text = withoutBrackets(text(key));
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
            problems.add(notAccepted(key, text));
            return new ApplicationCpu.SameCore();
        }
        CpuSet cpus = parseCpus(key, text);
        return cpus == null ? new ApplicationCpu.SameCore() : new ApplicationCpu.Explicit(cpus);
    }

    private @Nullable CpuSet cpus(SpecKey key) {
        String text = withoutBrackets(text(key));
        return text.equals(key.defaultText()) ? null : parseCpus(key, text);
    }

    private @Nullable CpuSet parseCpus(SpecKey key, String text) {
        try {
            CpuSet cpus = CpuSet.parse(text.replace(" ", ""));
            if (!cpus.isEmpty()) {
                return cpus;
            }
            problems.add(new Problem(key.path(), "no CPU is given", key.allowed(), ""));
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(key.path(), Problem.quote(text) + " is not accepted: " + e.getMessage(),
                    key.allowed(), ""));
        }
        return null;
    }

    private List<Integer> ports(SpecKey key) {
        String text = withoutBrackets(text(key));
        if (text.equals(key.defaultText())) {
            return List.of();
        }
        try {
            List<Integer> ports = Ports.parse(text.replace(" ", ""));
            if (!ports.isEmpty()) {
                return ports;
            }
            problems.add(new Problem(key.path(), "no port is given", key.allowed(), ""));
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(key.path(), Problem.quote(text) + " is not accepted: " + e.getMessage(),
                    key.allowed(), ""));
        }
        return List.of();
    }

    private @Nullable PortRange connectionPorts() {
        SpecKey key = SpecKeys.CONNECTION_PORTS;
        if (isDefault(key)) {
            return null;
        }
        try {
            return PortRange.parse(text(key));
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(key.path(), Problem.quote(text(key)) + " is not accepted: " + e.getMessage(),
                    key.allowed(), ""));
            return null;
        }
    }

    /** The one text at a key, or its default. */
    private String text(SpecKey key) {
        return switch (values.get(key.path())) {
            case null -> key.defaultText();
            case Given.Scalar(String text) -> text;
            case Given.Items(List<String> texts) -> switch (key.type()) {
                case CPU_LIST, PORT_LIST, APPLICATION_CPU, THRESHOLD_LIST -> "[" + String.join(",", texts) + "]";
                case NAME, NAME_LIST, CHOICE, INTEGER, SIZE, RATE, MESSAGE_RATE, DURATION, START_TIME, BOOLEAN,
                        PORT_RANGE,
                        DSCP -> {
                    problems.add(new Problem(key.path(), "is a list", key.allowed(), "give it one value"));
                    yield key.defaultText();
                }
            };
        };
    }
}
