package dev.flowlane.localfleet;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A lock between processes on one file of the state directory. The kernel releases it when its holder dies, however
 * that happens; child processes do not inherit it.
 */
final class FleetLock implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;

    private FleetLock(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Waits for the lock.
     *
     * @param onWait called once, before waiting, when somebody else holds it
     */
    static FleetLock exclusive(Path path, Runnable onWait) {
        return take(path, false, onWait);
    }

    /** As {@link #exclusive}, for many holders at a time. */
    static FleetLock shared(Path path, Runnable onWait) {
        return take(path, true, onWait);
    }

    /** The lock if nobody holds it. */
    static Optional<FleetLock> tryExclusive(Path path) {
        FileChannel channel = open(path);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new FleetLock(path, channel));
            }
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    private static FleetLock take(Path path, boolean shared, Runnable onWait) {
        FileChannel channel = open(path);
        try {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
            if (lock == null) {
                onWait.run();
                lock = channel.lock(0, Long.MAX_VALUE, shared);
            }
            return new FleetLock(path, channel);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    private static FileChannel open(Path path) {
        try {
            return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    private static FleetException failed(Path path, IOException e) {
        return new FleetException("cannot lock " + path + ": " + FleetException.reason(e), e,
                "set " + StateDirectory.VARIABLE + " to a directory on a local file system");
    }
}
