package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a run is held to: one figure of its result and a limit.
 *
 * @param limit in the unit of the metric, 0 to {@link #LIMIT_MAX}
 */
public record Threshold(Metric metric, Comparison comparison, long limit) {
    /** So many may be given for one run. */
    public static final int COUNT_MAX = 32;

    /** Largest limit: what a text of 18 digits can say. */
    public static final long LIMIT_MAX = 999_999_999_999_999_999L;

    private static final Pattern TEXT = Pattern.compile("([a-z][a-z0-9.-]{0,40})\\s*(>=|<=|>|<)\\s*(\\S.{0,40})");

    public Threshold {
        if (limit < 0 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("limit " + limit);
        }
    }

    /** Units of figures and limits. */
    public enum Unit {
        BITS_PER_SECOND("bit/s"),
        PER_SECOND("/s"),
        NANOSECONDS("ns"),
        COUNT("");

        private final String symbol;

        Unit(String symbol) {
            this.symbol = symbol;
        }

        /** As it is written after a number; empty for plain counts. */
        public String symbol() {
            return symbol;
        }
    }

    /** Figures of a result that can be held to something. */
    public enum Metric {
        THROUGHPUT("throughput", Unit.BITS_PER_SECOND),
        RATE("rate", Unit.PER_SECOND),
        P25("p25", Unit.NANOSECONDS),
        P50("p50", Unit.NANOSECONDS),
        P75("p75", Unit.NANOSECONDS),
        P90("p90", Unit.NANOSECONDS),
        P99("p99", Unit.NANOSECONDS),
        P999("p99.9", Unit.NANOSECONDS),
        P9999("p99.99", Unit.NANOSECONDS),
        MAX("max", Unit.NANOSECONDS),
        MEAN("mean", Unit.NANOSECONDS),
        INTENDED_P50("intended-p50", Unit.NANOSECONDS),
        INTENDED_P90("intended-p90", Unit.NANOSECONDS),
        INTENDED_P99("intended-p99", Unit.NANOSECONDS),
        INTENDED_P999("intended-p99.9", Unit.NANOSECONDS),
        INTENDED_MAX("intended-max", Unit.NANOSECONDS),
        RETRANSMITTED_SEGMENTS("retransmitted-segments", Unit.COUNT),
        DRIFTED_INTERVALS("drifted-intervals", Unit.COUNT);

        private final String word;
        private final Unit unit;

        Metric(String word, Unit unit) {
            this.word = word;
            this.unit = unit;
        }

        /** As thresholds spell it. */
        public String word() {
            return word;
        }

        public Unit unit() {
            return unit;
        }

        /** Whether only request-response traffic has it. */
        boolean needsRequests() {
            return unit == Unit.NANOSECONDS || this == RATE;
        }

        /** Whether only open loops have it. */
        boolean needsPace() {
            return word.startsWith("intended-");
        }
    }

    /** How a figure has to stand to its limit. */
    public enum Comparison {
        AT_LEAST(">="),
        ABOVE(">"),
        AT_MOST("<="),
        BELOW("<");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }

        boolean holds(double figure, double limit) {
            return switch (this) {
                case AT_LEAST -> figure >= limit;
                case ABOVE -> figure > limit;
                case AT_MOST -> figure <= limit;
                case BELOW -> figure < limit;
            };
        }
    }

    /** A text that is no threshold; the problem says what is allowed. */
    public static final class BadThresholdException extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Problem problem;

        BadThresholdException(Problem problem) {
            super(problem.toString(), null, false, false);
            this.problem = problem;
        }

        public Problem problem() {
            return problem;
        }
    }

    /** What a threshold may be, for people. */
    public static String allowed() {
        return "FIGURE >= > <= or < LIMIT, such as throughput >= 9.3Gbit/s or p99 < 200us, with the figures "
                + words(List.of(Metric.values()));
    }

    /** Reads {@code throughput >= 9.3Gbit/s}, {@code rate > 20k/s}, {@code p99 < 200us}. */
    public static Threshold parse(String text) throws BadThresholdException {
        Matcher match = TEXT.matcher(text.strip());
        if (!match.matches()) {
            throw bad(Problem.quote(text) + " is no threshold", "");
        }
        String word = match.group(1);
        Metric metric = Arrays.stream(Metric.values())
                .filter(candidate -> candidate.word.equals(word))
                .findFirst()
                .orElse(null);
        if (metric == null) {
            throw bad(Problem.quote(text) + ": no figure is called " + Problem.quote(word), nearest(word));
        }
        Comparison comparison = Arrays.stream(Comparison.values())
                .filter(candidate -> candidate.sign.equals(match.group(2)))
                .findFirst()
                .orElseThrow();
        try {
            long limit = limit(metric.unit, match.group(3).strip());
            if (limit < 0 || limit > LIMIT_MAX) {
                throw bad(Problem.quote(text) + ": the limit is " + (limit < 0 ? "negative" : "too large"), "");
            }
            return new Threshold(metric, comparison, limit);
        } catch (Units.BadQuantityException e) {
            throw bad(Problem.quote(text) + ": " + e.getMessage(), "");
        }
    }

    private static long limit(Unit unit, String text) {
        return switch (unit) {
            case BITS_PER_SECOND -> Units.parseRateBitsPerSecond(text);
            case PER_SECOND -> Units.isMessageRate(text)
                    ? Units.parseMessagesPerSecond(text)
                    : Units.parseMessagesPerSecond(text + "/s");
            case NANOSECONDS -> Units.parseDuration(text).toNanos();
            case COUNT -> {
                if (!text.matches("[0-9]{1,18}")) {
                    throw new Units.BadQuantityException("a count is a whole number");
                }
                yield Long.parseLong(text);
            }
        };
    }

    /**
     * Whether a figure keeps it.
     *
     * @param figure in the metric's unit; null: it was not measured, which keeps no threshold
     */
    public boolean isMetBy(@Nullable Double figure) {
        return figure != null && comparison.holds(figure, (double) limit);
    }

    /** Reads back to an equal one. */
    @Override
    public String toString() {
        String amount = switch (metric.unit) {
            case BITS_PER_SECOND -> Units.formatRateBitsPerSecond(limit);
            case PER_SECOND -> limit + "/s";
            case NANOSECONDS -> Units.formatDuration(Duration.ofNanos(limit));
            case COUNT -> Long.toString(limit);
        };
        return metric.word + " " + comparison.sign + " " + amount;
    }

    /** Reads them all; a text that is none becomes a problem. */
    public static List<Threshold> parseAll(List<String> texts, List<Problem> problems) {
        List<Threshold> thresholds = new ArrayList<>();
        for (String text : texts) {
            try {
                thresholds.add(parse(text));
            } catch (BadThresholdException e) {
                problems.add(e.problem());
            }
        }
        return thresholds;
    }

    /** What is wrong with holding a run of that traffic to them. */
    static List<Problem> problems(List<Threshold> thresholds, Traffic traffic) {
        List<Problem> problems = new ArrayList<>();
        if (thresholds.size() > COUNT_MAX) {
            problems.add(problem(thresholds.size() + " thresholds are too many", "give at most " + COUNT_MAX));
        }
        thresholds.stream()
                .map(threshold -> threshold.problemWith(traffic))
                .filter(Objects::nonNull)
                .forEach(problems::add);
        return problems;
    }

    private @Nullable Problem problemWith(Traffic traffic) {
        if (metric.needsRequests() && !traffic.timed()) {
            return problem(Problem.quote(toString()) + ": " + traffic.kind() + " traffic has no " + metric.word,
                    "set traffic.kind to request-response, or hold the run to its throughput");
        }
        if (metric == Metric.RETRANSMITTED_SEGMENTS && traffic.isOverUdp()) {
            return problem(Problem.quote(toString()) + ": what UDP loses is not sent again",
                    "hold the run to another figure, or set traffic.kind to one over TCP");
        }
        if (metric.needsPace() && traffic.pace() == null) {
            return problem(Problem.quote(toString()) + ": without traffic.rate no request has an intended send time",
                    "set traffic.rate, or leave out intended-");
        }
        return null;
    }

    private static String words(List<Metric> metrics) {
        return metrics.stream().map(Metric::word).collect(Collectors.joining(", "));
    }

    private static String nearest(String word) {
        return Arrays.stream(Metric.values())
                .map(Metric::word)
                .filter(candidate -> Spelling.distance(candidate, word) <= 2)
                .findFirst()
                .map(candidate -> "did you mean " + candidate + "?")
                .orElse("");
    }

    private static BadThresholdException bad(String fault, String mend) {
        return new BadThresholdException(new Problem(SpecKeys.THRESHOLDS.path(), fault, allowed(), mend));
    }

    private static Problem problem(String fault, String mend) {
        return new Problem(SpecKeys.THRESHOLDS.path(), fault, "", mend);
    }
}
