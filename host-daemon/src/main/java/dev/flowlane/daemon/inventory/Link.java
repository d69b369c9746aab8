package dev.flowlane.daemon.inventory;

import java.util.ArrayList;
import java.util.List;

/**
 * One network interface as far as receive steering goes.
 *
 * @param rxQueues receive queues
 * @param packetSteering whether some queue has RPS CPUs
 * @param flowSteering whether RFS is on: some queue has a flow table, and so has the kernel
 * @param threaded whether a thread of the kernel polls the device, on whatever CPU the scheduler gives it
 * @param lower interfaces below a stacked one (VLAN, bridge, bond); for a bridge, its ports
 */
public record Link(
        String name,
        Kind kind,
        int rxQueues,
        boolean packetSteering,
        boolean flowSteering,
        boolean threaded,
        List<String> lower) {

    /** What stands behind an interface. */
    public enum Kind {
        LOOPBACK,
        /** A device with a driver of its own: a NIC, real or virtual. */
        DEVICE,
        /** One end of a virtual cable. */
        VETH,
        /** Rests on other interfaces. */
        STACKED,
        /** Something without a device: dummy, tun. */
        OTHER
    }

    private static final String NET = "sys/class/net/";

    public Link {
        lower = List.copyOf(lower);
    }

    /** Reads {@code /sys/class/net}, below {@code files}, which shows the interfaces of its network namespace. */
    static List<Link> readAll(Pseudo files) {
        List<Link> links = new ArrayList<>();
        for (String name : files.names(NET.substring(0, NET.length() - 1))) {
            links.add(read(files, name));
        }
        return links;
    }

    private static Link read(Pseudo files, String name) {
        String directory = NET + name + "/";
        int queues = 0;
        boolean packetSteering = false;
        boolean flowTable = false;
        for (String queue : files.names(directory + "queues")) {
            if (queue.startsWith("rx-")) {
                queues++;
                packetSteering |= anyCpu(files.text(directory + "queues/" + queue + "/rps_cpus", ""));
                flowTable |= files.number(directory + "queues/" + queue + "/rps_flow_cnt", 0) > 0;
            }
        }
        List<String> lower = new ArrayList<>(files.names(directory + "brif"));
        for (String entry : files.names(directory.substring(0, directory.length() - 1))) {
            if (entry.startsWith("lower_")) {
                lower.add(entry.substring("lower_".length()));
            }
        }
        // Namespaces other than the first do not show the kernel's table size: a queue's table is then sign enough.
        boolean kernelTable = files.number("proc/sys/net/core/rps_sock_flow_entries", 1) > 0;
        return new Link(
                name,
                kind(files, name, lower),
                queues,
                packetSteering,
                flowTable && kernelTable,
                files.number(directory + "threaded", 0) != 0,
                lower);
    }

    private static Kind kind(Pseudo files, String name, List<String> lower) {
        String directory = NET + name + "/";
        // IFF_LOOPBACK of linux/if.h.
        if ((hex(files.text(directory + "flags", "0")) & 0x8) != 0) {
            return Kind.LOOPBACK;
        }
        if (files.exists(directory + "device")) {
            return Kind.DEVICE;
        }
        if (!lower.isEmpty()) {
            return Kind.STACKED;
        }
        boolean typed = files.text(directory + "uevent", "").contains("DEVTYPE=");
        int index = files.number(directory + "ifindex", 0);
        // A veth has no device and no type, and points at its other end.
        return !typed && files.number(directory + "iflink", index) != index ? Kind.VETH : Kind.OTHER;
    }

    /** A mask in hexadecimal groups of 32 bits, comma-separated. */
    private static boolean anyCpu(String mask) {
        return mask.chars().anyMatch(digit -> digit != '0' && digit != ',' && !Character.isWhitespace(digit));
    }

    private static long hex(String text) {
        try {
            return Long.decode(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
