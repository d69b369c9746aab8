package dev.flowlane.core.doctor;

import static dev.flowlane.core.doctor.Diagnosis.fail;
import static dev.flowlane.core.doctor.Diagnosis.ok;
import static dev.flowlane.core.doctor.Diagnosis.warn;

import dev.flowlane.core.Counted;

import java.util.List;

/** What the system around the daemon allows and does. */
final class SystemChecks {
    /** Rates of tens of Gbit/s over a millisecond need this much in flight. */
    private static final long BUFFER_BYTES = 4 << 20;

    private static final long FILES_MIN = 1024;
    private static final long FILES_ENOUGH = 8192;
    private static final long MEMORY_BYTES = 512L << 20;
    private static final int BACKLOG = 1024;
    private static final int PORTS = 16_384;

    private SystemChecks() {}

    static List<Diagnosis> of(HostSnapshot host) {
        return List.of(
                irqbalance(host),
                container(host),
                memory(host),
                openFiles(host),
                buffer(host, "net.core.rmem_max"),
                buffer(host, "net.core.wmem_max"),
                autoBuffer(host, "net.ipv4.tcp_rmem"),
                autoBuffer(host, "net.ipv4.tcp_wmem"),
                somaxconn(host),
                ports(host));
    }

    static Diagnosis irqbalance(HostSnapshot host) {
        return host.fact("process.irqbalance").isEmpty()
                ? ok("irqbalance", "is not seen")
                : warn("irqbalance", "runs: it moves interrupts, and the receive CPUs of flows with them",
                        "systemctl disable --now irqbalance");
    }

    static Diagnosis container(HostSnapshot host) {
        String container = host.fact("container");
        return container.isEmpty() || container.equals("none")
                ? ok("container", "none")
                : ok("container", container + ": interfaces and sysctls are those of its own network namespace");
    }

    static Diagnosis memory(HostSnapshot host) {
        String max = host.fact("cgroup.memory_max");
        long bytes = max.matches("[0-9]{1,18}") ? Long.parseLong(max) : Long.MAX_VALUE;
        return bytes < MEMORY_BYTES
                ? warn("memory", "the control group may use " + bytes / (1 << 20) + " MiB; a flow end takes about 80",
                        "docker update --memory 2g CONTAINER   (systemd: systemctl set-property SERVICE MemoryMax=2G)")
                : ok("memory", bytes == Long.MAX_VALUE ? "no limit is known of" : bytes / (1 << 20) + " MiB");
    }

    static Diagnosis openFiles(HostSnapshot host) {
        String[] limits = host.fact("limit.open_files").split(" ", -1);
        long soft = limits[0].matches("[0-9]{1,18}") ? Long.parseLong(limits[0]) : Long.MAX_VALUE;
        String mend = "ulimit -n 65536   (systemd: LimitNOFILE=65536)";
        if (soft < FILES_MIN) {
            return fail("open-files", soft + " may be open: not enough for the candidates of a search", mend);
        }
        return soft < FILES_ENOUGH
                ? warn("open-files", soft + " may be open; a search for lanes may open 16384 connections", mend)
                : ok("open-files", limits[0].isEmpty() ? "the limit is unknown" : limits[0]);
    }

    static Diagnosis buffer(HostSnapshot host, String name) {
        long bytes = number(host.fact("sysctl." + name));
        if (bytes < 0) {
            return ok(name, "unknown, as in a network namespace of its own");
        }
        return bytes < BUFFER_BYTES
                ? warn(name, Counted.of(bytes, "byte")
                        + ": socket.send-buffer and socket.receive-buffer are cut to it without"
                        + " CAP_NET_ADMIN",
                        "sysctl -w " + name + "=67108864")
                : ok(name, Counted.of(bytes, "byte"));
    }

    /** Three numbers: least, first and most. */
    static Diagnosis autoBuffer(HostSnapshot host, String name) {
        String[] words = host.fact("sysctl." + name).split(" ", -1);
        long most = words.length == 3 ? number(words[2]) : -1;
        if (most < 0) {
            return ok(name, "unknown");
        }
        return most < BUFFER_BYTES
                ? warn(name, "the kernel's own tuning ends at " + most + " bytes",
                        "sysctl -w " + name + "=\"" + words[0] + " " + words[1] + " 67108864\"")
                : ok(name, "up to " + most + " bytes");
    }

    static Diagnosis somaxconn(HostSnapshot host) {
        long connections = number(host.fact("sysctl.net.core.somaxconn"));
        return connections >= 0 && connections < BACKLOG
                ? warn("net.core.somaxconn", connections + ": a burst of candidates is answered late",
                        "sysctl -w net.core.somaxconn=4096")
                : ok("net.core.somaxconn", connections < 0 ? "unknown" : Long.toString(connections));
    }

    static Diagnosis ports(HostSnapshot host) {
        String name = "net.ipv4.ip_local_port_range";
        String[] words = host.fact("sysctl." + name).split(" ", -1);
        long first = number(words[0]);
        long last = words.length == 2 ? number(words[1]) : -1;
        if (first < 0 || last < 0) {
            return ok(name, "unknown");
        }
        return last - first + 1 < PORTS
                ? warn(name, first + " to " + last + ": few ports for a search, and closed ones rest for a minute",
                        "sysctl -w " + name + "=\"32768 60999\"")
                : ok(name, first + " to " + last);
    }

    private static long number(String text) {
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
    }
}
