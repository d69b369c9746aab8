package dev.flowlane.daemon.inventory;

import java.util.List;

/** Whether this process runs in a container, as far as it can be seen from inside. */
final class Container {
    /** What the control group of a process in a container is called by those who make them. */
    private static final List<String> RUNTIMES = List.of("docker", "kubepods", "libpod", "containerd", "crio", "lxc");

    private Container() {}

    /** The runtime's name, {@code yes} when it cannot be told, {@code none} outside. */
    static String kind(Pseudo files) {
        if (files.exists("run/.containerenv")) {
            return "podman";
        }
        if (files.exists(".dockerenv")) {
            return "docker";
        }
        // systemd writes down for everybody what it was told (Container Interface of systemd).
        String told = files.text("run/systemd/container", "");
        if (!told.isEmpty()) {
            return told;
        }
        String groups = files.text("proc/1/cgroup", "") + files.text("proc/self/cgroup", "");
        return RUNTIMES.stream().filter(groups::contains).findFirst().orElse("none");
    }
}
