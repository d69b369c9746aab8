package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.Ethtool;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One interface as facts of the environment, named {@code nic.INTERFACE....} */
final class NicFacts {
    private final Map<String, String> facts = new TreeMap<>();
    private final String prefix;

    private NicFacts(String name) {
        prefix = "nic." + name + ".";
    }

    /** What is unknown is missing or empty. */
    static Map<String, String> of(Nic nic, Ethtool.Tuning tuning, Pseudo files) {
        NicFacts nicFacts = new NicFacts(nic.name());
        nicFacts.link(nic, files);
        nicFacts.tuning(tuning);
        nicFacts.queues(nic);
        return nicFacts.facts;
    }

    private void link(Nic nic, Pseudo files) {
        String directory = "sys/class/net/" + nic.name() + "/";
        put("kind", nic.kind().name().toLowerCase(Locale.ROOT));
        put("driver", nic.driver());
        put("driver_version", files.text("sys/module/" + nic.driver() + "/version", ""));
        put("state", files.text(directory + "operstate", ""));
        put("speed", nic.speedBitsPerSecond() <= 0 ? "" : nic.speedBitsPerSecond() + " bit/s");
        put("duplex", files.text(directory + "duplex", ""));
        put("mtu", number(nic.mtuBytes()));
        put("numa_node", number(nic.numaNode()));
        put("lower", String.join(" ", nic.lower()));
        put("threaded", nic.threaded() ? "yes" : "");
        put("tx_queue_length", files.text(directory + "tx_queue_len", ""));
        put("gro_flush_timeout_ns", files.text(directory + "gro_flush_timeout", ""));
        put("napi_defer_hard_irqs", files.text(directory + "napi_defer_hard_irqs", ""));
    }

    private void tuning(Ethtool.Tuning tuning) {
        put("firmware", tuning.firmware());
        Ethtool.Rings rings = tuning.rings();
        if (rings != null) {
            put("ring.rx", rings.rx() + " of " + rings.rxMax());
            put("ring.tx", rings.tx() + " of " + rings.txMax());
        }
        Ethtool.Coalescing coalescing = tuning.coalescing();
        if (coalescing != null) {
            put("coalescing.rx", micros(coalescing.rxMicros(), coalescing.adaptiveRx()));
            put("coalescing.tx", micros(coalescing.txMicros(), coalescing.adaptiveTx()));
        }
        tuning.offloads().forEach((offload, on) ->
                put("offload." + offload.name().toLowerCase(Locale.ROOT), on ? "on" : "off"));
    }

    private void queues(Nic nic) {
        put("queues.rx", Integer.toString(nic.rxQueues()));
        put("queues.tx", Integer.toString(nic.txQueues()));
        put("irq_cpus", each(nic.queues(), NicQueue::rxIrqCpus));
        put("rps_cpus", each(nic.queues(), NicQueue::rpsCpus));
        put("xps_cpus", each(nic.queues(), NicQueue::xpsCpus));
        put("rfs_flows", nic.queues().stream().anyMatch(queue -> queue.rpsFlowCount() > 0)
                ? nic.queues().stream().map(queue -> Integer.toString(queue.rpsFlowCount()))
                        .collect(Collectors.joining(" "))
                : "");
        Rss rss = nic.rss();
        if (rss != null) {
            // Not the key: drivers draw a new one at every boot.
            put("rss.function", rss.function().name().toLowerCase(Locale.ROOT));
            put("rss.table", rss.tablePattern());
            put("rss.tcp4_fields", rss.tcp4Fields());
            put("rss.tcp6_fields", rss.tcp6Fields());
        }
    }

    /** {@code 0:0 1:1}: queue and its CPUs; empty when no queue has any. */
    private static String each(List<NicQueue> queues, Function<NicQueue, CpuSet> cpus) {
        return queues.stream()
                .filter(queue -> !cpus.apply(queue).isEmpty())
                .map(queue -> queue.queue() + ":" + cpus.apply(queue))
                .collect(Collectors.joining(" "));
    }

    private static String micros(int micros, boolean adaptive) {
        return micros + " us" + (adaptive ? ", adaptive" : "");
    }

    private static String number(int number) {
        return number < 0 ? "" : Integer.toString(number);
    }

    private void put(String name, String content) {
        facts.put(prefix + name, content);
    }
}
