package dev.flowlane.coordinator;

import dev.flowlane.core.run.Limit;
import dev.flowlane.core.run.Limits;
import dev.flowlane.core.spec.Units;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Limits as an operator writes them: properties {@code limits.NAME.WHAT=AMOUNT}. */
final class LimitsFile {
    private static final String PREFIX = "limits.";
    private static final String UNLIMITED = "unlimited";

    private LimitsFile() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException naming the file, the key and what is allowed
     */
    static Limits read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("--limits " + file + ": cannot be read: " + e, e);
        }
        try {
            return of(properties);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--limits " + file + ": " + e.getMessage(), e);
        }
    }

    static Limits of(Properties properties) {
        Map<String, Map<Limit, Long>> limits = new HashMap<>();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            // A name may have dots in it, what is limited has none.
            int dot = key.lastIndexOf('.');
            if (!key.startsWith(PREFIX) || dot <= PREFIX.length()) {
                throw new IllegalArgumentException(key + ": not limits.NAME.WHAT, such as limits.*.flows");
            }
            String name = key.substring(PREFIX.length(), dot);
            if (name.contains("@")) {
                throw new IllegalArgumentException(key + ": a requester counts without the host behind the @; write "
                        + PREFIX + Limits.account(name) + key.substring(dot));
            }
            Limit limit = limit(key, key.substring(dot + 1));
            limits.computeIfAbsent(name, _ -> new EnumMap<>(Limit.class))
                    .put(limit, amount(key, limit, properties.getProperty(key).strip()));
        }
        return new Limits(limits);
    }

    private static Limit limit(String key, String what) {
        for (Limit limit : Limit.values()) {
            if (limit.key().equals(what)) {
                return limit;
            }
        }
        throw new IllegalArgumentException(key + ": unknown limit '" + what + "'; there are "
                + Arrays.stream(Limit.values()).map(Limit::key).collect(Collectors.joining(", ")));
    }

    private static long amount(String key, Limit limit, String text) {
        if (text.equals(UNLIMITED)) {
            return Long.MAX_VALUE;
        }
        long amount;
        try {
            amount = switch (limit) {
                case FLOWS, REQUESTS, RUNS -> Long.parseLong(text);
                case RATE -> Units.parseRateBitsPerSecond(text);
                case DURATION -> Units.parseDuration(text).toNanos();
            };
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(key + "=" + text + ": not a whole number, nor " + UNLIMITED, e);
        } catch (Units.BadQuantityException e) {
            throw new IllegalArgumentException(key + "=" + text + ": " + e.getMessage() + "; or " + UNLIMITED, e);
        }
        if (amount < 0) {
            throw new IllegalArgumentException(key + "=" + text + ": is below 0");
        }
        return amount;
    }
}
