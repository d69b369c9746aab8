package dev.flowlane.coordinator;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Folders and files of tests that start processes. They bear the id of the test's process, whose they are. */
public final class TestFolders {
    private static final Path TEMPORARY = Path.of("/tmp");
    private static final Path PROCESSES = Path.of("/proc");
    private static final String PREFIX = "flowlane-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-.*");
    private static final String OURS = PREFIX + ProcessHandle.current().pid() + "-";

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final AtomicInteger CREATED = new AtomicInteger();

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
                try {
                    before.of(folder);
                    delete(folder);
                } catch (IOException | UncheckedIOException e) {
                    // Another build is taking it away at this moment, or it takes more than is done here: the next one.
                }
            }
        }
        while (true) {
            try {
                Path folder = TEMPORARY.resolve(OURS + CREATED.incrementAndGet());
                return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
            } catch (FileAlreadyExistsException e) {
                // Of a test that was killed and had the number that this process has now.
            }
        }
    }

    /** The same for what tests get by {@code @TempDir}; {@code junit-platform.properties} names it. */
    static final class Factory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            return create(_ -> {});
        }
    }

    /** A new file; should the test be killed, it goes with the next test's folder. */
    static Path createFile() throws IOException {
        return Files.createTempFile(TEMPORARY, OURS, ".log");
    }

    /**
     * Command lines of processes that name such a folder, in their arguments or their environment.
     *
     * @param folder its path, or how that begins
     */
    public static List<String> users(String folder) {
        try (Stream<Path> processes = Files.list(PROCESSES)) {
            return processes
                    .filter(process -> Character.isDigit(process.getFileName().toString().charAt(0)))
                    .filter(process -> text(process.resolve("cmdline")).contains(folder)
                            || text(process.resolve("environ")).contains(folder))
                    .map(process -> process.getFileName() + ": " + text(process.resolve("cmdline")).replace('\0', ' '))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // It has gone, or is somebody else's.
        }
    }

    /** What ends after a test that was killed may still need its folder. */
    private static boolean isLeftOver(Path folder) {
        Matcher name = NAME.matcher(folder.getFileName().toString());
        return name.matches()
                && Files.isWritable(folder)
                && ProcessHandle.of(Long.parseLong(name.group(1))).filter(ProcessHandle::isAlive).isEmpty()
                && users(folder.toString()).isEmpty();
    }

    /** Deletes a folder with all that is in it, or a file. */
    public static void delete(Path folder) throws IOException {
        for (Path file : tree(folder).reversed()) {
            Files.deleteIfExists(file);
        }
    }

    /** A folder and all that is in it, each folder before its content; less what goes while it is looked at. */
    public static List<Path> tree(Path folder) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    found.add(directory);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    found.add(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    return unlessItHasGone(failure);
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    return unlessItHasGone(failure);
                }

                private static FileVisitResult unlessItHasGone(@Nullable IOException failure) throws IOException {
                    if (failure == null || failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** A command as one whose process ends with this one, even if this one is killed. */
    public static List<String> endingWithTheTest(List<String> command) {
        boolean there = Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "setpriv")));
        return there
                ? Stream.concat(Stream.of("setpriv", "--pdeathsig", "KILL"), command.stream()).toList()
                : command;
    }
}
