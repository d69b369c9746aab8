package dev.flowlane.faults;

import dev.flowlane.coordinator.TestFolders;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/**
 * What belongs to a test's process beside itself, found by the number that its folders, network namespaces and their
 * links bear; a process of it has such a folder in its arguments or its environment.
 */
final class Remains {
    private static final Path MOUNTS = Path.of("/proc/self/mounts");
    private static final Path TEMPORARY = Path.of("/tmp");

    private final long test;
    private final String folder;

    Remains(long test) {
        this.test = test;
        this.folder = TEMPORARY + "/flowlane-" + test + "-";
    }

    /** Processes. */
    List<String> processes() {
        String itself = test + ": ";
        return TestFolders.users(folder).stream().filter(process -> !process.startsWith(itself)).toList();
    }

    /** Files of AF_UNIX sockets. */
    List<Path> sockets() {
        return files().stream().flatMap(file -> TestFolders.tree(file).stream()).filter(Remains::isSocket).toList();
    }

    /** Folders of the test, and files that are in none. */
    List<Path> files() {
        try (Stream<Path> files = Files.list(TEMPORARY)) {
            return files.filter(file -> file.toString().startsWith(folder)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** File systems that were mounted for it. */
    List<String> mounts() throws IOException {
        return Files.readAllLines(MOUNTS).stream().filter(line -> line.contains(folder)).toList();
    }

    /** Network namespaces and links of its lab; see {@code .ci/lab/hosts}. */
    List<String> network() {
        if (!Command.exists("ip")) {
            return List.of();
        }
        return Stream.of(Command.run("ip", "netns", "list"), Command.run("ip", "-brief", "link"))
                .flatMap(String::lines)
                .filter(line -> line.startsWith("flow-" + test + "-") || line.startsWith("flb" + test + " ")
                        || line.startsWith("flm" + test + "."))
                .toList();
    }

    /** The only files of services that are neither regular files nor folders nor links. */
    private static boolean isSocket(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther();
        } catch (IOException e) {
            return false; // Gone since it was listed.
        }
    }
}
