package dev.flowlane.core.doctor;

import static dev.flowlane.core.doctor.Diagnosis.fail;
import static dev.flowlane.core.doctor.Diagnosis.ok;
import static dev.flowlane.core.doctor.Diagnosis.warn;

import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One interface: its link, its queues and who serves them, and what it does for the kernel. */
final class NicChecks {
    private static final int ETHERNET_MTU = 1500;
    private static final int RING = 1024;
    private static final double BITS_PER_GIGABIT = 1e9;

    /** Offloads that every figure assumes, by the names of the facts and of ethtool(8). */
    private static final Map<String, String> WANTED = new TreeMap<>(
            Map.of("tcp_segmentation", "tso", "generic_segmentation", "gso", "generic_receive", "gro"));

    /** Those that only a device can do; interfaces without one have nothing to check. */
    private static final Map<String, String> WANTED_OF_DEVICES =
            new TreeMap<>(Map.of("scatter_gather", "sg", "rx_checksum", "rx", "tx_checksum", "tx"));

    private final HostSnapshot host;
    private final HostSnapshot.Nic nic;

    private NicChecks(HostSnapshot host, HostSnapshot.Nic nic) {
        this.host = host;
        this.nic = nic;
    }

    static List<Diagnosis> of(HostSnapshot host, HostSnapshot.Nic nic) {
        NicChecks checks = new NicChecks(host, nic);
        List<Diagnosis> all = new ArrayList<>(List.of(checks.link(), checks.mtu(), checks.offloads()));
        if (nic.device()) {
            all.addAll(List.of(
                    checks.queues(), checks.interrupts(), checks.numa(), checks.rps(), checks.xps(), checks.rings(),
                    checks.coalescing()));
        }
        return all;
    }

    private Diagnosis link() {
        String state = fact("state");
        if (isDown(state)) {
            return fail(name("link"), "the link is " + state,
                    "ip link set " + nic.name() + " up   (and see the cable)");
        }
        String speed = fact("speed").replace(" bit/s", "");
        String text = speed.matches("[0-9]{1,18}")
                ? String.format(Locale.ROOT, "%.4g Gbit/s", Double.parseDouble(speed) / BITS_PER_GIGABIT)
                : "the speed is unknown";
        return fact("duplex").equals("half")
                ? warn(name("link"), text + ", half duplex", "ethtool -s " + nic.name() + " duplex full autoneg on")
                : ok(name("link"), text);
    }

    /** As operstate says it (Documentation/networking/operstates.rst). */
    static boolean isDown(String state) {
        return List.of("down", "lowerlayerdown", "notpresent").contains(state);
    }

    private Diagnosis mtu() {
        int mtu = nic.mtuBytes();
        return mtu >= 0 && mtu < ETHERNET_MTU
                ? warn(name("mtu"), mtu + " bytes: less than Ethernet has; more packets for the same payload",
                        "ip link set " + nic.name() + " mtu 1500")
                : ok(name("mtu"), mtu < 0 ? "unknown" : mtu + " bytes");
    }

    private Diagnosis offloads() {
        List<String> off = new ArrayList<>();
        int known = 0;
        Map<String, String> all = new TreeMap<>(WANTED);
        all.putAll(nic.device() ? WANTED_OF_DEVICES : Map.of());
        for (Map.Entry<String, String> wanted : all.entrySet()) {
            String state = fact("offload." + wanted.getKey());
            known += state.isEmpty() ? 0 : 1;
            if (state.equals("off")) {
                off.add(wanted.getValue());
            }
        }
        if (!off.isEmpty()) {
            return warn(name("offloads"), "off: " + String.join(", ", off) + "; the CPU does their work",
                    "ethtool -K " + nic.name() + " " + String.join(" on ", off) + " on");
        }
        return ok(name("offloads"), known == 0 ? "unknown" : "segmentation, receive and checksum offloads are on");
    }

    private Diagnosis queues() {
        int cpus = host.allowed().size();
        return nic.rxQueues() <= 1 && cpus > 1
                ? warn(name("queues"), "one receive queue: every flow is received on the same CPU",
                        "ethtool -L " + nic.name() + " combined " + cpus + "   (or RPS: see " + name("rps") + ")")
                : ok(name("queues"), nic.rxQueues() + " receive, " + nic.txQueues() + " transmit");
    }

    private Diagnosis interrupts() {
        List<HostSnapshot.Queue> known =
                nic.queues().stream().filter(queue -> queue.rxIrq() >= 0 && !queue.rxIrqCpus().isEmpty()).toList();
        if (known.isEmpty()) {
            return ok(name("interrupts"), "their affinity is unknown");
        }
        Map<Integer, Integer> queueOfCpu = new TreeMap<>();
        for (HostSnapshot.Queue queue : known) {
            CpuSet effective = queue.rxIrqEffectiveCpus().isEmpty() ? queue.rxIrqCpus() : queue.rxIrqEffectiveCpus();
            if (queue.rxIrqCpus().size() > 1) {
                return warn(name("interrupts"), "interrupt " + queue.rxIrq() + " of queue " + queue.number()
                                + " may be served by CPUs " + queue.rxIrqCpus()
                                + ": it can move in the middle of a run",
                        "echo " + effective.first() + " > /proc/irq/" + queue.rxIrq()
                                + "/smp_affinity_list   (for each queue, each on a CPU of its own)");
            }
            Integer other = queueOfCpu.putIfAbsent(effective.first(), queue.number());
            if (other != null) {
                return warn(name("interrupts"), "queues " + other + " and " + queue.number()
                                + " are both served by CPU "
                                + effective.first() + ": their flows share it",
                        "echo CPU > /proc/irq/" + queue.rxIrq() + "/smp_affinity_list   (a CPU without a queue)");
            }
        }
        return ok(name("interrupts"), "each queue on a CPU of its own: " + queueOfCpu.keySet().stream()
                .map(String::valueOf).reduce((one, other) -> one + "," + other).orElse(""));
    }

    private Diagnosis numa() {
        if (nic.numaNode() < 0) {
            return ok(name("numa"), "the node is unknown or there is only one");
        }
        boolean near = host.cpus().stream()
                .anyMatch(cpu -> cpu.numaNode() == nic.numaNode() && host.allowed().contains(cpu.cpu()));
        return near
                ? ok(name("numa"), "node " + nic.numaNode() + ", with allowed CPUs")
                : warn(name("numa"), "it is on node " + nic.numaNode() + ", of which no CPU is allowed",
                        "allow the daemon CPUs of that node: cat /sys/devices/system/node/node" + nic.numaNode()
                                + "/cpulist");
    }

    private Diagnosis rps() {
        CpuSet cpus = CpuSet.empty();
        for (HostSnapshot.Queue queue : nic.queues()) {
            cpus = cpus.or(queue.rpsCpus());
        }
        if (nic.rxQueues() > 1 && !cpus.isEmpty()) {
            return warn(name("rps"), "on (CPUs " + cpus + ") though there are " + nic.rxQueues()
                            + " queues: packets change the CPU once more",
                    "for f in /sys/class/net/" + nic.name() + "/queues/rx-*/rps_cpus; do echo 0 > $f; done");
        }
        return ok(name("rps"), cpus.isEmpty() ? "off" : "CPUs " + cpus);
    }

    private Diagnosis xps() {
        boolean any = nic.queues().stream().anyMatch(queue -> !queue.xpsCpus().isEmpty());
        return nic.txQueues() > 1 && !any
                ? warn(name("xps"), "off with " + nic.txQueues()
                                + " transmit queues: CPUs share queues and their locks",
                        "echo MASK > /sys/class/net/" + nic.name()
                                + "/queues/tx-N/xps_cpus   (for each queue the mask of the CPU of its interrupt)")
                : ok(name("xps"), any ? "on" : "off");
    }

    private Diagnosis rings() {
        String[] words = fact("ring.rx").split(" of ", -1);
        if (words.length != 2 || !words[0].matches("[0-9]{1,9}") || !words[1].matches("[0-9]{1,9}")) {
            return ok(name("rings"), "their sizes are unknown");
        }
        int size = Integer.parseInt(words[0]);
        int most = Integer.parseInt(words[1]);
        return size < RING && size < most
                ? warn(name("rings"), "receive rings of " + size + " of up to " + most + ": bursts are dropped",
                        "ethtool -G " + nic.name() + " rx " + Math.min(most, 4 * RING))
                : ok(name("rings"), "receive " + fact("ring.rx") + ", transmit " + fact("ring.tx"));
    }

    private Diagnosis coalescing() {
        String rx = fact("coalescing.rx");
        return rx.endsWith("adaptive")
                ? warn(name("coalescing"), "adaptive: how long a packet waits for its interrupt follows the load",
                        "ethtool -C " + nic.name() + " adaptive-rx off rx-usecs 8")
                : ok(name("coalescing"), rx.isEmpty() ? "unknown" : "receive " + rx);
    }

    private String fact(String name) {
        return host.fact("nic." + nic.name() + "." + name);
    }

    private String name(String check) {
        return "nic." + nic.name() + "." + check;
    }
}
