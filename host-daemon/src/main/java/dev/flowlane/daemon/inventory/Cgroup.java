package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;

import java.util.List;

/**
 * What this process's control group allows (cgroups(7), Documentation/admin-guide/cgroup-v2.rst): the nearest group
 * upwards that has the cpuset controller. Version 2 calls the file {@code cpuset.cpus.effective}, version 1
 * {@code cpuset.effective_cpus}.
 */
final class Cgroup {
    private static final String MOUNT = "sys/fs/cgroup";

    /** Where version 1 mounts the controller: on its own, or together with others. */
    private static final List<String> CPUSET_MOUNTS = List.of(MOUNT + "/cpuset", MOUNT);

    /** Version 2 is mounted here, or beside version 1 below it. */
    private static final List<String> UNIFIED_MOUNTS = List.of(MOUNT, MOUNT + "/unified");

    private Cgroup() {}

    /** Empty when the kernel does not tell. */
    static CpuSet cpus(Pseudo files) {
        for (String line : files.text("proc/self/cgroup", "").lines().toList()) {
            // hierarchy-ID:controller-list:path
            String[] parts = line.split(":", 3);
            if (parts.length < 3) {
                continue;
            }
            boolean unified = parts[0].equals("0") && parts[1].isEmpty();
            boolean cpuset = List.of(parts[1].split(",")).contains("cpuset");
            CpuSet cpus = unified
                    ? nearest(files, UNIFIED_MOUNTS, parts[2], "cpuset.cpus.effective")
                    : cpuset ? nearest(files, CPUSET_MOUNTS, parts[2], "cpuset.effective_cpus") : CpuSet.empty();
            if (!cpus.isEmpty()) {
                return cpus;
            }
        }
        return CpuSet.empty();
    }

    private static CpuSet nearest(Pseudo files, List<String> mounts, String group, String file) {
        for (String mount : mounts) {
            String path = group.equals("/") ? "" : group;
            while (true) {
                CpuSet cpus = files.cpus(mount + path + "/" + file);
                if (!cpus.isEmpty()) {
                    return cpus;
                }
                if (path.isEmpty()) {
                    break;
                }
                path = path.substring(0, Math.max(0, path.lastIndexOf('/')));
            }
        }
        return CpuSet.empty();
    }
}
