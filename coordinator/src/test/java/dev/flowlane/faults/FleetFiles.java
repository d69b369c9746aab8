package dev.flowlane.faults;

import dev.flowlane.coordinator.TestFolders;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The folder of a fleet, what it holds, and the processes that belong to it. */
final class FleetFiles implements AutoCloseable {
    private static final Path TEMPORARY = Path.of("/tmp");

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
        Path state = TestFolders.create(folder -> {
            for (String name : fillable) {
                Tmpfs.unmount(folder.resolve(name));
            }
        });
        Path[] mounted = new Path[fillable.length];
        for (int i = 0; i < fillable.length; i++) {
            mounted[i] = Files.createDirectories(state.resolve(fillable[i]));
        }
        return new FleetFiles(state, Tmpfs.mount(mounted));
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

    /**
     * Native code that processes of this fleet have unpacked into a temporary folder and whose file is still there: who
     * is killed would leave it.
     */
    List<String> unpackedLibraries() {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> commandLine(pid).contains(state.toString()))
                .flatMap(pid -> mapped(pid).filter(FleetFiles::unpacked).map(file -> pid + ": " + file))
                .distinct()
                .toList();
    }

    private static boolean unpacked(String file) {
        return file.startsWith(TEMPORARY + "/lib") && !file.endsWith(" (deleted)");
    }

    private static Stream<String> mapped(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "maps")).stream()
                    .filter(line -> line.indexOf('/') >= 0)
                    .map(line -> line.substring(line.indexOf('/')));
        } catch (IOException e) {
            return Stream.empty(); // It has gone.
        }
    }

    /** Folders of workers' sockets that are there. */
    List<Path> workerFolders() {
        return TestFolders.tree(state).stream()
                .filter(path -> path.getFileName().toString().startsWith("workers-"))
                .toList();
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
        TestFolders.delete(state);
    }
}
