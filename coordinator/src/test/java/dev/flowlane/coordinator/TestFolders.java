package dev.flowlane.coordinator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Folders and files of tests that start processes. They bear the id of the test's process, whose they are. */
public final class TestFolders {
    private static final Path TEMPORARY = Path.of("/tmp");
    private static final String PREFIX = "flowlane-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-.*");
    private static final String OURS = PREFIX + ProcessHandle.current().pid() + "-";

    /** What is to be done before a folder can be deleted. */
    public interface BeforeDeletion {
        void of(Path folder) throws IOException;
    }

    private TestFolders() {}

    /**
     * A new folder with a short name, so that the sockets of workers have room in it; takes away what tests that were
     * killed could not.
     *
     * @param before is given each folder that such a test left
     */
    public static Path create(BeforeDeletion before) throws IOException {
        try (Stream<Path> folders = Files.list(TEMPORARY)) {
            for (Path folder : folders.filter(TestFolders::isLeftOver).toList()) {
                before.of(folder);
                delete(folder);
            }
        }
        return Files.createTempDirectory(TEMPORARY, OURS);
    }

    /** A new file; should the test be killed, it goes with the next test's folder. */
    static Path createFile() throws IOException {
        return Files.createTempFile(TEMPORARY, OURS, ".log");
    }

    private static boolean isLeftOver(Path folder) {
        Matcher name = NAME.matcher(folder.getFileName().toString());
        return name.matches()
                && Files.isWritable(folder)
                && ProcessHandle.of(Long.parseLong(name.group(1))).filter(ProcessHandle::isAlive).isEmpty();
    }

    /** Deletes a folder with all that is in it, or a file. */
    public static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Words before a command whose process is to end with this one, even if this one is killed. */
    public static List<String> endingWithTheTest() {
        boolean there = Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "setpriv")));
        return there ? List.of("setpriv", "--pdeathsig", "KILL") : List.of();
    }
}
