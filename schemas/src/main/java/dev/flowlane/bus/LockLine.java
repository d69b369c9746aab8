package dev.flowlane.bus;

import java.util.ArrayList;
import java.util.List;

/** A line of {@code ids.lock}: {@code id subject version sha256}. */
record LockLine(int id, String subject, int version, String sha256) {
    static List<LockLine> parseAll(String lock) {
        List<LockLine> lines = new ArrayList<>();
        for (String line : lock.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.split(" ", -1);
            if (parts.length != 4) {
                throw new IllegalStateException("ids.lock: not 'id subject version sha256': " + line);
            }
            lines.add(new LockLine(Integer.parseInt(parts[0]), parts[1], Integer.parseInt(parts[2]), parts[3]));
        }
        return lines;
    }

    /** Path of the schema below {@code history/}. */
    String path() {
        return subject + "/v" + version + ".avsc";
    }

    @Override
    public String toString() {
        return id + " " + subject + " " + version + " " + sha256;
    }
}
