package dev.flowlane.daemon.inventory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What measurements on a machine depend on, as facts with stable dotted names. Nothing in it names the machine, so two
 * machines that are set up alike have the same one.
 *
 * @param facts by name; what the kernel does not tell is missing
 */
public record Environment(SortedMap<String, String> facts) {
    /** Longest name, in characters: interface names have 15 at most. */
    static final int NAME_MAX = 120;

    /** Longest content, in characters; more is cut and ends with an ellipsis. */
    static final int CONTENT_MAX = 400;

    public Environment {
        facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
    }

    /** SHA-256 of the UTF-8 text of one line {@code NAME=CONTENT} for each fact, sorted by name, as 64 hex digits. */
    public String fingerprint() {
        StringBuilder canonical = new StringBuilder();
        facts.forEach((name, content) -> canonical.append(name).append('=').append(content).append('\n'));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(canonical.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Facts while they are collected. */
    static final class Builder {
        private final SortedMap<String, String> facts = new TreeMap<>();

        /** Adds a fact unless there is nothing to say. */
        Builder put(String name, String content) {
            String line = oneLine(content);
            if (!line.isEmpty()) {
                facts.put(name.length() > NAME_MAX ? name.substring(0, NAME_MAX) : name, line);
            }
            return this;
        }

        Builder putAll(Map<String, String> more) {
            more.forEach(this::put);
            return this;
        }

        Environment build() {
            return new Environment(facts);
        }

        private static String oneLine(String content) {
            String line = content.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
            return line.length() > CONTENT_MAX ? line.substring(0, CONTENT_MAX - 1) + "…" : line;
        }
    }
}
