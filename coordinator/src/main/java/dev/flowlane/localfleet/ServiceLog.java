package dev.flowlane.localfleet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a service wrote: to find its HTTP address, and to show its last words when it died. */
final class ServiceLog {
    /** The one line that every service prints when it serves. */
    private static final Pattern READY = Pattern.compile("\\bready\\b.*?\\bhttp=\"?([^\"\\s]+:\\d+)");

    private final Path path;

    ServiceLog(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /** Puts the log of the start before aside. */
    void rotate() {
        try {
            if (Files.exists(path)) {
                Files.move(path, path.resolveSibling(path.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new FleetException("cannot put the log " + path + " aside: " + FleetException.reason(e), e);
        }
    }

    /** Where the service answers HTTP; empty until it says so. */
    Optional<String> httpAddress() {
        Matcher matcher = READY.matcher(text());
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The last lines, without stack frames: the reasons are in between. */
    List<String> lastWords(int lines) {
        List<String> all = text().lines()
                .filter(line -> !line.isBlank() && !line.startsWith("\tat ") && !line.startsWith("\t..."))
                .toList();
        return all.subList(Math.max(0, all.size() - lines), all.size());
    }

    private String text() {
        try {
            // Not readString: a byte that is not UTF-8 is no reason to show nothing.
            return new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
