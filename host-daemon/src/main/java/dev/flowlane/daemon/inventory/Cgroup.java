package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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

    private static final String NO_LIMIT = "none";

    /** Version 1 writes the largest number of pages in bytes where there is no limit: 19 digits. */
    private static final int UNLIMITED_DIGITS = 19;

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

    /**
     * The strictest CPU quota of this process's group and those above it: {@code 1.50 CPUs (150000 of 100000 us)},
     * {@code none}, or empty when the kernel does not tell.
     */
    static String quota(Pseudo files) {
        String strictest = "";
        double fewest = Double.POSITIVE_INFINITY;
        for (String group : groups(files, "cpu")) {
            // Version 2: QUOTA PERIOD in one file, max without one. Version 1: two files, -1 without one.
            String[] both = files.text(
                            group + "cpu.max",
                            files.text(group + "cpu.cfs_quota_us", "") + " "
                                    + files.text(group + "cpu.cfs_period_us", ""))
                    .strip().split(" ", -1);
            if (both.length != 2) {
                continue;
            }
            if (!both[0].matches("[0-9]{1,18}") || !both[1].matches("[1-9][0-9]{0,17}")) {
                strictest = strictest.isEmpty() ? NO_LIMIT : strictest;
                continue;
            }
            double cpus = Double.parseDouble(both[0]) / Double.parseDouble(both[1]);
            if (cpus < fewest) {
                fewest = cpus;
                strictest = String.format(Locale.ROOT, "%.2f CPUs (%s of %s us)", cpus, both[0], both[1]);
            }
        }
        return strictest;
    }

    /** The strictest memory limit in bytes, {@code none}, or empty when the kernel does not tell. */
    static String memoryMax(Pseudo files) {
        String strictest = "";
        for (String group : groups(files, "memory")) {
            String limit = files.text(group + "memory.max", files.text(group + "memory.limit_in_bytes", ""));
            if (limit.equals("max") || limit.length() == UNLIMITED_DIGITS) {
                strictest = strictest.isEmpty() ? NO_LIMIT : strictest;
            } else if (limit.matches("[0-9]{1,18}")
                    && (!strictest.matches("[0-9]+") || Long.parseLong(limit) < Long.parseLong(strictest))) {
                strictest = limit;
            }
        }
        return strictest;
    }

    /** Directories of this process's group and those above it, nearest first, for a controller of either version. */
    private static List<String> groups(Pseudo files, String controller) {
        List<String> directories = new ArrayList<>();
        for (String line : files.text("proc/self/cgroup", "").lines().toList()) {
            String[] parts = line.split(":", 3);
            if (parts.length < 3) {
                continue;
            }
            boolean unified = parts[0].equals("0") && parts[1].isEmpty();
            if (!unified && !List.of(parts[1].split(",")).contains(controller)) {
                continue;
            }
            List<String> mounts = unified ? UNIFIED_MOUNTS : List.of(MOUNT + "/" + controller, MOUNT + "/" + parts[1]);
            for (String mount : mounts) {
                String path = parts[2].equals("/") ? "" : parts[2];
                directories.add(mount + path + "/");
                while (!path.isEmpty()) {
                    path = path.substring(0, Math.max(0, path.lastIndexOf('/')));
                    directories.add(mount + path + "/");
                }
            }
        }
        return directories;
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
