package dev.flowlane.daemon;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The daemon's files: a lock that keeps a second daemon of the same name away, the workers' socket in a folder that is
 * only ours, the workers' AOT cache.
 */
final class StateDirectory implements AutoCloseable {
    /** A socket's path with its final zero byte fits {@code sun_path} of sys/un.h, 108 bytes. */
    private static final int SOCKET_PATH_BYTES_MAX = 107;

    private static final String SOCKET_NAME = "/workers.sock";
    private static final String PREFIX = "workers-";

    /** Names the folder of the workers' socket where it is not in the host's own, so that the next daemon sweeps it. */
    private static final String ELSEWHERE = "elsewhere";

    private final Path host;
    private final FileChannel lock;
    private final Path workers;
    private final Path aot;

    private StateDirectory(Path host, FileChannel lock, Path workers, Path aot) {
        this.host = host;
        this.lock = lock;
        this.workers = workers;
        this.aot = aot;
    }

    /**
     * Takes possession of a host's folder and clears what a daemon before left there.
     *
     * @throws StartupException when the folder cannot be written, or another daemon has it
     */
    static StateDirectory open(Path root, String hostId, Map<String, String> environment) {
        Path host = root.resolve("host-" + hostId);
        try {
            Files.createDirectories(host);
            FileChannel lock =
                    FileChannel.open(host.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locks(lock)) {
                lock.close();
                throw StartupException.preflight("another daemon on this machine is host " + hostId
                        + " with state folder " + root
                        + ": stop it, or give this one another --host-id or --state-dir");
            }
            sweep(host);
            String aotVariable = environment.getOrDefault("FLOWLANE_AOT_DIR", "");
            Path aot = aotVariable.isBlank() ? root.resolve("aot") : Path.of(aotVariable);
            return new StateDirectory(host, lock, socketFolder(host, environment), aot);
        } catch (IOException e) {
            throw StartupException.preflight(
                    "cannot use state folder " + root + ": " + e + "; give another --state-dir that can be written");
        }
    }

    private static boolean locks(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // Another daemon in this very process.
        }
    }

    /** Folders of daemons that are gone; their workers ended with them. */
    private static void sweep(Path host) throws IOException {
        Path elsewhere = host.resolve(ELSEWHERE);
        if (Files.exists(elsewhere)) {
            Path folder = Path.of(Files.readString(elsewhere));
            if (Files.isDirectory(folder) && folder.getFileName().toString().startsWith(PREFIX)) {
                delete(folder);
            }
            Files.delete(elsewhere);
        }
        try (Stream<Path> entries = Files.list(host)) {
            for (Path entry : entries.filter(path -> path.getFileName().toString().startsWith(PREFIX))
                    .toList()) {
                delete(entry);
            }
        }
    }

    private static Path socketFolder(Path host, Map<String, String> environment) throws IOException {
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        List<Path> parents =
                runtime.isBlank() ? List.of(host, Path.of("/tmp")) : List.of(host, Path.of(runtime), Path.of("/tmp"));
        for (Path parent : parents) {
            // createTempDirectory adds some twenty digits.
            int length = (parent.toAbsolutePath() + "/" + PREFIX + SOCKET_NAME).getBytes(StandardCharsets.UTF_8).length;
            if (length + 20 <= SOCKET_PATH_BYTES_MAX && Files.isDirectory(parent)) {
                Path folder = Files.createTempDirectory(
                        parent.toAbsolutePath(),
                        PREFIX,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                if (!parent.equals(host)) {
                    Files.writeString(host.resolve(ELSEWHERE), folder.toString());
                }
                return folder;
            }
        }
        throw new IOException("no folder with a path short enough for a socket: " + parents);
    }

    /** Mode 0700, for this process alone; its path leaves room for a socket's name. */
    Path workers() {
        return workers;
    }

    /** Shared by all daemons with this state folder. */
    Path aot() {
        return aot;
    }

    @Override
    public void close() {
        try {
            delete(workers);
            Files.deleteIfExists(host.resolve(ELSEWHERE));
            lock.close();
        } catch (IOException _) {
            // The next daemon sweeps.
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }
}
