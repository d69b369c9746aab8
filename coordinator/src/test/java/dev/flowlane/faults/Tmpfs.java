package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small file systems of their own for folders, so that they can be filled. */
final class Tmpfs implements AutoCloseable {
    private final List<Path> mounted = new ArrayList<>();

    private Tmpfs() {}

    /** Mounts one on each folder; on none without root. */
    static Tmpfs mount(Path... folders) {
        Tmpfs tmpfs = new Tmpfs();
        if (Command.isRoot()) {
            Runtime.getRuntime().addShutdownHook(new Thread(tmpfs::close));
            for (Path folder : folders) {
                Command.run("mount", "-t", "tmpfs", "-o", "size=256m,mode=0700", "tmpfs", folder.toString());
                tmpfs.mounted.add(folder);
            }
        }
        return tmpfs;
    }

    boolean isMounted() {
        return !mounted.isEmpty();
    }

    /** Fills a folder's file system to the last page, whoever else writes there; closing makes room again. */
    static AutoCloseable fill(Path folder) throws IOException {
        Path ballast = folder.resolve("ballast");
        try (OutputStream out = Files.newOutputStream(ballast)) {
            byte[] page = new byte[4096];
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left on device");
        }
        return () -> Files.deleteIfExists(ballast);
    }

    /** Takes away those that are mounted. */
    static void unmount(Path... folders) throws IOException {
        for (Path folder : folders) {
            if (Files.exists(folder) && Files.getFileStore(folder).type().equals("tmpfs")) {
                Command.run("umount", "--lazy", folder.toString());
            }
        }
    }

    @Override
    public void close() {
        for (Path folder : mounted) {
            Command.run("umount", "--lazy", folder.toString());
        }
        mounted.clear();
    }
}
