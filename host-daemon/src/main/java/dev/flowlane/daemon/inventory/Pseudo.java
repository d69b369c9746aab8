package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Small files of the kernel's pseudo file systems, below a root. */
final class Pseudo {
    private final Path root;

    Pseudo(Path root) {
        this.root = root;
    }

    /** Trimmed content; null when the file cannot be read. */
    @Nullable String text(String path) {
        try {
            return Files.readString(root.resolve(path)).trim();
        } catch (IOException e) {
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
