package dev.flowlane.daemon.inventory;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which interrupt serves which queue of a device. The kernel does not say so; it follows from the names that drivers
 * give their interrupts: {@code eth0-TxRx-3} (Intel, Broadcom), {@code eth0-Tx-Rx-3} (ena), {@code eth0-rxtx-3}
 * (vmxnet3), {@code mlx5_comp3@pci:...}, {@code eth0-fp-3} (bnx2x), {@code virtio2-input.3}, {@code eth0-rx-3}. A name
 * of another form leaves its queue's interrupt unknown.
 */
final class QueueIrqs {
    private static final String SUFFIX = "[-_.]?([0-9]{1,4})(?:@.*)?$";
    private static final Pattern BOTH =
            Pattern.compile("(?:tx-?rx|rx-?tx|_comp|-fp)" + SUFFIX, Pattern.CASE_INSENSITIVE);
    private static final Pattern RECEIVE = Pattern.compile("(?:rx|input)" + SUFFIX, Pattern.CASE_INSENSITIVE);
    private static final Pattern TRANSMIT = Pattern.compile("(?:tx|output)" + SUFFIX, Pattern.CASE_INSENSITIVE);

    /** What {@code /proc/irq/N} holds beside a directory for each user of the interrupt. */
    private static final Set<String> FILES = Set.of(
            "affinity_hint",
            "effective_affinity",
            "effective_affinity_list",
            "node",
            "smp_affinity",
            "smp_affinity_list",
            "spurious");

    private final Map<Integer, Integer> receive = new HashMap<>();
    private final Map<Integer, Integer> transmit = new HashMap<>();

    /**
     * Reads the interrupts of a device.
     *
     * @param device its directory, such as {@code sys/class/net/eth0/device}
     */
    static QueueIrqs of(Pseudo files, String device) {
        QueueIrqs irqs = new QueueIrqs();
        Map<Integer, List<String>> named = named(files, device);
        named.forEach((irq, names) -> names.forEach(name -> irqs.add(irq, name)));
        if (named.size() == 1 && irqs.receive.isEmpty() && irqs.transmit.isEmpty()) {
            // The only interrupt of a device serves whatever it has, whatever its name.
            int only = named.keySet().iterator().next();
            irqs.receive.put(0, only);
            irqs.transmit.put(0, only);
        }
        return irqs;
    }

    /** -1 unknown. */
    int receive(int queue) {
        return receive.getOrDefault(queue, -1);
    }

    /** -1 unknown. */
    int transmit(int queue) {
        return transmit.getOrDefault(queue, -1);
    }

    private void add(int irq, String name) {
        Matcher both = BOTH.matcher(name);
        Matcher receiving = RECEIVE.matcher(name);
        Matcher transmitting = TRANSMIT.matcher(name);
        if (both.find()) {
            receive.putIfAbsent(Integer.parseInt(both.group(1)), irq);
            transmit.putIfAbsent(Integer.parseInt(both.group(1)), irq);
        } else if (receiving.find()) {
            receive.putIfAbsent(Integer.parseInt(receiving.group(1)), irq);
        } else if (transmitting.find()) {
            transmit.putIfAbsent(Integer.parseInt(transmitting.group(1)), irq);
        }
    }

    /** The interrupts of the device, or of the PCI device that carries a virtio device, with their users' names. */
    private static Map<Integer, List<String>> named(Pseudo files, String device) {
        List<String> numbers = files.names(device + "/msi_irqs");
        if (numbers.isEmpty()) {
            numbers = files.names(device + "/../msi_irqs");
        }
        Map<Integer, List<String>> named = new TreeMap<>();
        Map<Integer, String> table = null;
        for (String number : numbers) {
            if (!number.chars().allMatch(Character::isDigit) || number.length() > 9) {
                continue;
            }
            int irq = Integer.parseInt(number);
            List<String> names = files.names("proc/irq/" + irq).stream()
                    .filter(name -> !FILES.contains(name))
                    .toList();
            if (names.isEmpty()) {
                // Containers may see the one and not the other. The table has a column for each CPU: it comes second.
                table = table == null ? table(files) : table;
                names = table.containsKey(irq) ? List.of(table.getOrDefault(irq, "")) : List.of();
            }
            if (!names.isEmpty()) {
                named.put(irq, names);
            }
        }
        return named;
    }

    /** {@code /proc/interrupts}: number, a count for each CPU, controller, kind, names. */
    private static Map<Integer, String> table(Pseudo files) {
        Map<Integer, String> names = new HashMap<>();
        for (String line : files.text("proc/interrupts", "").lines().toList()) {
            String text = line.strip();
            int colon = text.indexOf(':');
            int blank = text.lastIndexOf(' ');
            if (colon > 0 && colon < 10 && blank > colon
                    && text.chars().limit(colon).allMatch(Character::isDigit)) {
                names.put(Integer.parseInt(text.substring(0, colon)), text.substring(blank + 1));
            }
        }
        return names;
    }
}
