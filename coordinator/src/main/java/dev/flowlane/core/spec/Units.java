package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes, rates and durations as people write them. Numbers are decimal and exact: what does not come out as a whole
 * number of bytes, bits per second or nanoseconds is refused, not rounded. A minus sign is read, so that a range check
 * can name it.
 */
public final class Units {
    private static final Pattern SIZE = Pattern.compile("(-?[0-9]{1,18}(?:\\.[0-9]{1,18})?) ?([kKMGT]?i?)(B?)");
    private static final Pattern RATE = Pattern.compile(
            "(-?[0-9]{1,18}(?:\\.[0-9]{1,18})?) ?([kKMGT]?i?)(bit/s|bits/s|bps|b/s|B/s|Bps|)");
    private static final Pattern MESSAGE_RATE =
            Pattern.compile("(-?[0-9]{1,18}(?:\\.[0-9]{1,18})?) ?([kM]?)/s");
    private static final Pattern DURATION_PART =
            Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,18})?) ?(ns|us|µs|μs|ms|min|s|m|h|d)");
    private static final Pattern PLAIN_NUMBER = Pattern.compile("[0-9]{1,18}(?:\\.[0-9]{1,18})?");
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final String[] PREFIXES = {"T", "G", "M", "k"};
    private static final String[] IEC_PREFIXES = {"Ti", "Gi", "Mi", "Ki"};

    private Units() {}

    /** Thrown for text that is no quantity of the asked kind; the message says how one is written. */
    public static final class BadQuantityException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        BadQuantityException(String message) {
            super(message);
        }
    }

    /** Bytes of {@code 65536}, {@code 64KiB}, {@code 64k}, {@code 1.5MB}: IEC units by 1024, SI units by 1000. */
    public static long parseSizeBytes(String text) {
        Matcher match = SIZE.matcher(text);
        if (!match.matches() || match.group(2).equals("i")) {
            throw new BadQuantityException("a size is a number of bytes, or a number with kB MB GB (by 1000) or"
                    + " KiB MiB GiB (by 1024)");
        }
        return whole(new BigDecimal(match.group(1)).multiply(prefix(match.group(2))), "bytes");
    }

    /**
     * Bits per second of {@code 1000000}, {@code 10Gbit/s}, {@code 1.25GB/s}, {@code 100Mbps}. A small b is a bit, a
     * capital B a byte.
     */
    public static long parseRateBitsPerSecond(String text) {
        Matcher match = RATE.matcher(text);
        if (!match.matches() || match.group(2).equals("i")) {
            throw new BadQuantityException("a rate is a number of bits per second, or a number with kbit/s Mbit/s"
                    + " Gbit/s or kB/s MB/s GB/s");
        }
        BigDecimal rate = new BigDecimal(match.group(1)).multiply(prefix(match.group(2)));
        boolean isBytes = match.group(3).startsWith("B");
        return whole(isBytes ? rate.multiply(BigDecimal.valueOf(Byte.SIZE)) : rate, "bits per second");
    }

    /** Whether the text counts messages, as {@code 20k/s} does, and not bits or bytes. */
    static boolean isMessageRate(String text) {
        return MESSAGE_RATE.matcher(text).matches();
    }

    /** Messages per second of {@code 1000/s}, {@code 20k/s}, {@code 1.5M/s}. */
    static long parseMessagesPerSecond(String text) {
        Matcher match = MESSAGE_RATE.matcher(text);
        if (!match.matches()) {
            throw new BadQuantityException("a rate of messages is a number with /s, k/s or M/s");
        }
        return whole(new BigDecimal(match.group(1)).multiply(prefix(match.group(2))), "messages per second");
    }

    /** Time of {@code 10} (seconds), {@code 1.5s}, {@code 250ms}, {@code 2h}, {@code 1m30s}. */
    public static Duration parseDuration(String text) {
        boolean negative = text.startsWith("-");
        String rest = negative ? text.substring(1) : text;
        BigDecimal ns = PLAIN_NUMBER.matcher(rest).matches()
                ? new BigDecimal(rest).multiply(BigDecimal.valueOf(NS_PER_SECOND))
                : sumOfParts(rest);
        return Duration.ofNanos(whole(negative ? ns.negate() : ns, "nanoseconds"));
    }

    private static BigDecimal sumOfParts(String text) {
        BigDecimal ns = BigDecimal.ZERO;
        Matcher part = DURATION_PART.matcher(text);
        int end = 0;
        while (end < text.length() && part.find(end) && part.start() == end) {
            ns = ns.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unitNs(part.group(2)))));
            end = part.end();
        }
        if (end == 0 || end < text.length()) {
            throw new BadQuantityException("a time is a number of seconds, or a number with ns us ms s m h d");
        }
        return ns;
    }

    private static long unitNs(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "µs", "μs" -> 1_000;
            case "ms" -> 1_000_000;
            case "m", "min" -> 60 * NS_PER_SECOND;
            case "h" -> 3_600 * NS_PER_SECOND;
            case "d" -> 86_400 * NS_PER_SECOND;
            default -> NS_PER_SECOND;
        };
    }

    /** Shortest text that {@link #parseSizeBytes} reads back to the same number. */
    public static String formatSizeBytes(long bytes) {
        String iec = scaled(bytes, 1024, IEC_PREFIXES, "B");
        return iec != null ? iec : orPlain(scaled(bytes, 1000, PREFIXES, "B"), bytes);
    }

    /** Shortest text that {@link #parseRateBitsPerSecond} reads back to the same number. */
    public static String formatRateBitsPerSecond(long bitsPerSecond) {
        return orPlain(scaled(bitsPerSecond, 1000, PREFIXES, "bit/s"), bitsPerSecond);
    }

    /** Shortest text that {@link #parseDuration} reads back to the same duration. */
    public static String formatDuration(Duration duration) {
        long ns = duration.toNanos();
        if (ns == 0) {
            return "0s";
        }
        for (String unit : new String[] {"d", "h", "m", "s", "ms", "us"}) {
            if (ns % unitNs(unit) == 0) {
                return ns / unitNs(unit) + unit;
            }
        }
        return ns + "ns";
    }

    private static @Nullable String scaled(
            long value, int base, String[] prefixes, String unit) {
        long factor = (long) base * base * base * base;
        for (String prefix : prefixes) {
            if (value != 0 && value % factor == 0) {
                return value / factor + prefix + unit;
            }
            factor /= base;
        }
        return null;
    }

    private static String orPlain(@Nullable String text, long value) {
        return text != null ? text : Long.toString(value);
    }

    private static BigDecimal prefix(String prefix) {
        BigDecimal base = BigDecimal.valueOf(prefix.endsWith("i") ? 1024 : 1000);
        String letter = prefix.isEmpty() ? "" : prefix.substring(0, 1).toLowerCase(Locale.ROOT);
        return switch (letter) {
            case "k" -> base;
            case "m" -> base.pow(2);
            case "g" -> base.pow(3);
            case "t" -> base.pow(4);
            default -> BigDecimal.ONE;
        };
    }

    private static long whole(BigDecimal value, String unit) {
        BigInteger exact;
        try {
            exact = value.toBigIntegerExact();
        } catch (ArithmeticException e) {
            throw new BadQuantityException("it is not a whole number of " + unit);
        }
        if (exact.bitLength() >= Long.SIZE) {
            throw new BadQuantityException("it is too large");
        }
        return exact.longValue();
    }
}
