package dev.flowlane.daemon.inventory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tree that looks like {@code /proc} and {@code /sys}. */
final class FakeRoot {
    final Path path;

    FakeRoot(Path path) {
        this.path = path;
    }

    FakeRoot file(String name, String content) {
        try {
            Path file = path.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FakeRoot cpu(int cpu, int core, int socket, int node, String siblings) {
        String directory = "sys/devices/system/cpu/cpu" + cpu + "/";
        return file(directory + "topology/core_id", Integer.toString(core))
                .file(directory + "topology/physical_package_id", Integer.toString(socket))
                .file(directory + "topology/thread_siblings_list", siblings)
                .file(directory + "node" + node + "/marker", "");
    }

    FakeRoot link(String name, String flags, int index, int peerIndex, String uevent) {
        String directory = "sys/class/net/" + name + "/";
        return file(directory + "flags", flags)
                .file(directory + "ifindex", Integer.toString(index))
                .file(directory + "iflink", Integer.toString(peerIndex))
                .file(directory + "uevent", uevent);
    }

    FakeRoot queue(String link, int queue, String cpuMask, int flows) {
        String directory = "sys/class/net/" + link + "/queues/rx-" + queue + "/";
        return file(directory + "rps_cpus", cpuMask).file(directory + "rps_flow_cnt", Integer.toString(flows));
    }

    /** An interrupt with the directory of its user. */
    FakeRoot irq(int irq, String name, String allowed, String effective) {
        String directory = "proc/irq/" + irq + "/";
        return file(directory + name + "/none", "")
                .file(directory + "smp_affinity_list", allowed)
                .file(directory + "effective_affinity_list", effective);
    }

    FakeRoot link(String name, String target) {
        try {
            Path link = path.resolve(name);
            Files.createDirectories(link.getParent());
            Files.createSymbolicLink(link, Path.of(target));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
