package dev.flowlane.daemon.workers;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The workers' ahead-of-time cache (JEP 483, 514, 515): one file per JDK build, worker jar and command line, shared by
 * all daemons that have the same state folder.
 */
final class AotCache {
    private final WorkerLaunch launch;
    private final Path directory;
    private final @Nullable Path file;

    AotCache(WorkerLaunch launch, Path directory) {
        this.launch = launch;
        this.directory = directory;
        this.file = launch.isCacheable() ? directory.resolve("worker-" + fingerprint(launch) + ".aot") : null;
    }

    /** The cache when it is there. */
    @Nullable Path existing() {
        return file != null && Files.isRegularFile(file) ? file : null;
    }

    /** Whether it is there or cannot be made at all. */
    boolean isSettled() {
        return file == null || existing() != null;
    }

    /** The right to make it; null when another daemon has it or the folder cannot be written. */
    @Nullable Training beginTraining() {
        if (file == null) {
            return null;
        }
        FileChannel channel = null;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(
                    directory.resolve(file.getFileName() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new Training(channel, directory.resolve(file.getFileName() + ".part"), file);
            }
            channel.close();
        } catch (IOException | OverlappingFileLockException e) {
            closeQuietly(channel);
        }
        return null;
    }

    /** A cache in the making. */
    final class Training {
        private final FileChannel lock;
        private final Path part;
        private final Path target;

        private Training(FileChannel lock, Path part, Path target) {
            this.lock = lock;
            this.part = part;
            this.target = target;
        }

        ProcessBuilder process() {
            return new ProcessBuilder(launch.training(part));
        }

        /** Puts the file in its place when the training went well; whether it is there now. */
        boolean end(int exitCode) {
            try {
                if (exitCode == 0 && Files.isRegularFile(part)) {
                    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.deleteIfExists(part);
                // What the JVM leaves of a training that was broken off.
                Files.deleteIfExists(part.resolveSibling(part.getFileName() + ".config"));
                return Files.isRegularFile(target);
            } catch (IOException e) {
                return false;
            } finally {
                closeQuietly(lock);
            }
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException _) {
            // It was a lock file: nothing was written.
        }
    }

    /** Changes with anything that makes the JVM refuse the cache. */
    private static String fingerprint(WorkerLaunch launch) {
        StringBuilder named = new StringBuilder();
        named.append(System.getProperty("java.vm.version")).append('\n').append(System.getProperty("os.arch"));
        named.append('\n').append(launch.training(Path.of("cache")));
        try {
            for (Path jar : launch.classPath()) {
                named.append('\n').append(Files.size(jar)).append(' ').append(Files.getLastModifiedTime(jar));
            }
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest(named.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (IOException e) {
            return "unknown";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
