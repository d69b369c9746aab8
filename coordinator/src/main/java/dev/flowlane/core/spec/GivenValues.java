package dev.flowlane.core.spec;

import dev.flowlane.core.spec.SpecDocument.Given;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/**
 * What a document gives for one key, typed; its default where it gives nothing. A value that cannot be read becomes a
 * problem and the default stands in for it.
 */
final class GivenValues {
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,18}");

    private final Map<String, Given> values;
    private final List<Problem> problems;

    GivenValues(Map<String, Given> values, List<Problem> problems) {
        this.values = values;
        this.problems = problems;
    }

    boolean isGiven(SpecKey key) {
        return values.containsKey(key.path());
    }

    List<String> names(SpecKey key) {
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

    static String withoutBrackets(String text) {
        return text.startsWith("[") && text.endsWith("]") && text.length() > 1
                ? text.substring(1, text.length() - 1).strip()
                : text;
    }

    <E extends Enum<E>> E choice(SpecKey key, Class<E> type) {
        String word = word(key);
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> SpecKeys.word(constant).equals(word))
                .findFirst()
                .orElseThrow();
    }

    /** One of the key's choices, always. */
    String word(SpecKey key) {
        String word = text(key);
        if (key.choices().contains(word)) {
            return word;
        }
        problems.add(notAccepted(key, word));
        return key.defaultText();
    }

    Problem notAccepted(SpecKey key, String word) {
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

    boolean bool(SpecKey key) {
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

    int integer(SpecKey key) {
        return (int) wholeNumber(key);
    }

    long wholeNumber(SpecKey key) {
        return number(key, text -> {
            if (!INTEGER.matcher(text).matches()) {
                throw new Units.BadQuantityException("it is no whole number");
            }
            return Long.parseLong(text);
        });
    }

    int size(SpecKey key) {
        return (int) number(key, Units::parseSizeBytes);
    }

    @Nullable Integer optionalSize(SpecKey key) {
        return isDefault(key) ? null : Integer.valueOf(size(key));
    }

    @Nullable Long optionalRate(SpecKey key) {
        return isDefault(key) ? null : Long.valueOf(number(key, Units::parseRateBitsPerSecond));
    }

    Duration duration(SpecKey key) {
        return Duration.ofNanos(number(key, text -> Units.parseDuration(text).toNanos()));
    }

    /** A number within the key's range; 0 when it cannot be read, which is then a problem. */
    long number(SpecKey key, ToLongFunction<String> parse) {
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

    @Nullable String optionalName(SpecKey key) {
        return isDefault(key) ? null : text(key);
    }

    boolean isDefault(SpecKey key) {
        return text(key).equals(key.defaultText());
    }

    @Nullable Integer dscp(SpecKey key) {
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
    @Nullable Boolean automatic(SpecKey key) {
        String word = word(key);
        return word.equals(key.defaultText()) ? null : Boolean.valueOf(word);
    }

    @Nullable CpuSet cpus(SpecKey key) {
        String text = withoutBrackets(text(key));
        return text.equals(key.defaultText()) ? null : parseCpus(key, text);
    }

    @Nullable CpuSet parseCpus(SpecKey key, String text) {
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

    List<Integer> ports(SpecKey key) {
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

    @Nullable PortRange portRange(SpecKey key) {
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
    String text(SpecKey key) {
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
