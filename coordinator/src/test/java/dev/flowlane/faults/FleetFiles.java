package dev.flowlane.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The folder of a fleet, what it holds, and the processes that belong to it. */
final class FleetFiles implements AutoCloseable {
    private static final Path TEMPORARY = Path.of("/tmp");
    private static final String PREFIX = "flowlane-";

    /** With the id of the process whose it is. */
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-.*");

    private final Path state;
    private final Tmpfs tmpfs;

    private FleetFiles(Path state, Tmpfs tmpfs) {
        this.state = state;
        this.tmpfs = tmpfs;
    }

    /**
     * A new folder; takes away what tests that were killed could not.
     *
     * @param fillable folders in it that can be filled; only as root
     */
    static FleetFiles create(String... fillable) throws IOException {
        try (Stream<Path> folders = Files.list(TEMPORARY)) {
            for (Path folder : folders.filter(FleetFiles::isLeftOver).toList()) {
                for (String name : fillable) {
                    Tmpfs.unmount(folder.resolve(name));
                }
                delete(folder);
            }
        }
        // Short, so that the sockets of workers have room in it.
        Path state = Files.createTempDirectory(TEMPORARY, PREFIX + ProcessHandle.current().pid() + "-");
        Path[] mounted = new Path[fillable.length];
        for (int i = 0; i < fillable.length; i++) {
            mounted[i] = Files.createDirectories(state.resolve(fillable[i]));
        }
        return new FleetFiles(state, Tmpfs.mount(mounted));
    }

    private static boolean isLeftOver(Path folder) {
        Matcher name = NAME.matcher(folder.getFileName().toString());
        return name.matches() && !Signals.alive(Long.parseLong(name.group(1)));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    Path state() {
        return state;
    }

    /** Whether {@link #fillDiskOf} can be done. */
    boolean fillable() {
        return tmpfs.isMounted();
    }

    /** Leaves no room for a service's files, until it is closed. */
    AutoCloseable fillDiskOf(String name) throws IOException {
        return Tmpfs.fill(state.resolve(name));
    }

    /** Workers whose daemon has ended. */
    List<String> orphans() {
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).contains("WorkerMain " + state))
                .filter(process -> process.parent()
                        .filter(parent -> commandLine(parent.pid()).contains("HostDaemonMain"))
                        .isEmpty())
                .map(process -> process.pid() + ": " + commandLine(process.pid()))
                .toList();
    }

    /** Folders of workers' sockets that are there. */
    List<Path> workerFolders() {
        try (Stream<Path> files = Files.walk(state)) {
            return files.filter(path -> path.getFileName().toString().startsWith("workers-")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")).replace('\0', ' ');
        } catch (IOException e) {
            return ""; // It has gone.
        }
    }

    @Override
    public void close() throws IOException {
        tmpfs.close();
        delete(state);
    }
}
