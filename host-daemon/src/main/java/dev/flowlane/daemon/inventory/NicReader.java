package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.Ethtool;
import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads interfaces and what lies below them: {@code /sys/class/net}, {@code /proc/irq} and ethtool. */
public final class NicReader {
    private static final String NET = "sys/class/net/";
    private static final long BITS_PER_MEGABIT = 1_000_000;

    private final Pseudo files;
    private final Function<String, Ethtool.Answer> ethtool;

    /** Reads the running system. */
    public static NicReader ofSystem() {
        return new NicReader(Path.of("/"), Ethtool::ask);
    }

    /** Reads a tree that looks like the root directory, and nothing from ethtool. */
    public static NicReader below(Path root) {
        return new NicReader(root, name -> Ethtool.Answer.UNKNOWN);
    }

    /**
     * Reads a tree that looks like the root directory.
     *
     * @param ethtool what ethtool tells of an interface
     */
    NicReader(Path root, Function<String, Ethtool.Answer> ethtool) {
        this.files = new Pseudo(root);
        this.ethtool = ethtool;
    }

    /**
     * The named interfaces and those below them, each once, upper ones first. A name that no interface has is passed
     * over.
     */
    public List<Nic> read(Collection<String> names) {
        Map<String, Link> links =
                Link.readAll(files).stream().collect(Collectors.toMap(Link::name, Function.identity()));
        Set<String> wanted = new LinkedHashSet<>();
        names.forEach(name -> collect(links, name, wanted));
        List<Nic> nics = new ArrayList<>();
        for (String name : wanted) {
            Link link = links.get(name);
            if (link != null) {
                nics.add(nic(link));
            }
        }
        return nics;
    }

    private static void collect(Map<String, Link> links, String name, Set<String> wanted) {
        Link link = links.get(name);
        if (link != null && wanted.add(name)) {
            link.lower().forEach(lower -> collect(links, lower, wanted));
        }
    }

    private Nic nic(Link link) {
        String directory = NET + link.name() + "/";
        Ethtool.Answer answer = ethtool.apply(link.name());
        Ethtool.Hashing hashing = answer.hashing();
        List<String> queues = files.names(directory + "queues");
        String driver = answer.driver().isEmpty() ? files.target(directory + "device/driver") : answer.driver();
        int node = files.number(directory + "device/numa_node", -1);
        return new Nic(
                link.name(),
                link.kind(),
                link.lower(),
                driver,
                // Virtual interfaces answer with words such as "N/A".
                answer.busAddress().indexOf(':') > 0 ? answer.busAddress() : "",
                node < 0 ? files.number(directory + "device/../numa_node", -1) : node,
                speed(directory, answer),
                files.number(directory + "mtu", -1),
                link.rxQueues(),
                (int) queues.stream().filter(queue -> queue.startsWith("tx-")).count(),
                link.threaded(),
                queues(directory, queues),
                rss(hashing, answer.hashReported()));
    }

    private static @Nullable Rss rss(Ethtool.@Nullable Hashing hashing, @Nullable Boolean hashReported) {
        return hashing == null ? null : Rss.of(hashing, hashReported);
    }

    /** The file is in Mbit/s, -1 while the link is down. */
    private long speed(String directory, Ethtool.Answer answer) {
        int megabits = files.number(directory + "speed", -1);
        return megabits > 0 ? megabits * BITS_PER_MEGABIT : answer.speedBitsPerSecond();
    }

    private List<NicQueue> queues(String directory, List<String> names) {
        QueueIrqs irqs = QueueIrqs.of(files, directory + "device");
        List<NicQueue> queues = new ArrayList<>();
        for (int queue = 0; queue < Nic.QUEUES_MAX; queue++) {
            boolean receives = names.contains("rx-" + queue);
            boolean transmits = names.contains("tx-" + queue);
            if (!receives && !transmits) {
                break;
            }
            int rxIrq = receives ? irqs.receive(queue) : -1;
            int txIrq = transmits ? irqs.transmit(queue) : -1;
            String rx = directory + "queues/rx-" + queue + "/";
            queues.add(new NicQueue(
                    queue,
                    rxIrq,
                    rxIrq < 0 ? CpuSet.empty() : files.cpus("proc/irq/" + rxIrq + "/smp_affinity_list"),
                    rxIrq < 0 ? CpuSet.empty() : files.cpus("proc/irq/" + rxIrq + "/effective_affinity_list"),
                    files.mask(rx + "rps_cpus"),
                    files.number(rx + "rps_flow_cnt", 0),
                    txIrq,
                    files.mask(directory + "queues/tx-" + queue + "/xps_cpus")));
        }
        return queues;
    }
}
