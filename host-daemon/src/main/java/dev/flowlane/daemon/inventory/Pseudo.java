package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Small files of the kernel's pseudo file systems, below a root. */
final class Pseudo {
    private static final int BITS_PER_DIGIT = 4;

    private final Path root;

    Pseudo(Path root) {
        this.root = root;
    }

    /** Trimmed content; null when the file cannot be read. */
    @Nullable String text(String path) {
        // Not Files.readString: it asks a file of no size for one byte first, and a sysctl gives nothing after that.
        try (InputStream in = new FileInputStream(root.resolve(path).toFile())) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
        } catch (IOException | InvalidPathException e) {
            // Paths are made of what other files say, such as a cgroup's name.
            return null;
        }
    }

    String text(String path, String otherwise) {
        String text = text(path);
        return text == null ? otherwise : text;
    }

    /** A decimal number; {@code otherwise} when the file cannot be read or holds something else. */
    int number(String path, int otherwise) {
        String text = text(path);
        if (text == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    /** CPUs in the kernel's list form; empty when there are none or the file cannot be read. */
    CpuSet cpus(String path) {
        return cpuList(text(path, ""));
    }

    static CpuSet cpuList(String text) {
        try {
            return text.isBlank() ? CpuSet.empty() : CpuSet.parse(text.trim());
        } catch (IllegalArgumentException e) {
            return CpuSet.empty();
        }
    }

    /** CPUs in the kernel's mask form: hexadecimal digits, comma-separated in groups of 32 bits; empty when unknown. */
    CpuSet mask(String path) {
        return cpuMask(text(path, ""));
    }

    static CpuSet cpuMask(String text) {
        String digits = text.replace(",", "");
        CpuSet cpus = CpuSet.empty();
        if (digits.length() > CpuSet.MAX_CPUS / BITS_PER_DIGIT) {
            return cpus;
        }
        for (int place = 0; place < digits.length(); place++) {
            int bits = Character.digit(digits.charAt(digits.length() - 1 - place), 16);
            if (bits < 0) {
                return CpuSet.empty();
            }
            for (int bit = 0; bit < BITS_PER_DIGIT; bit++) {
                if ((bits >> bit & 1) != 0) {
                    cpus = cpus.with(place * BITS_PER_DIGIT + bit);
                }
            }
        }
        return cpus;
    }

    /** Last name of what a symbolic link points to; empty when it is none. */
    String target(String path) {
        try {
            return String.valueOf(Files.readSymbolicLink(root.resolve(path)).getFileName());
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    boolean isDirectory(String path) {
        return Files.isDirectory(root.resolve(path));
    }

    boolean exists(String path) {
        return Files.exists(root.resolve(path));
    }

    /** Names in a directory, sorted; none when it cannot be read. */
    List<String> names(String directory) {
        try (Stream<Path> entries = Files.list(root.resolve(directory))) {
            return entries.map(entry -> String.valueOf(entry.getFileName())).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
