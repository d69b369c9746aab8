package dev.flowlane.cli;

import dev.flowlane.avro.DataAddress;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.Nic;
import dev.flowlane.avro.NicQueue;
import dev.flowlane.avro.Rss;
import dev.flowlane.core.Counted;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The interfaces of a host as text: what each one is, who receives its queues, whom packets are handed on to. Queues in
 * a row whose CPUs count up with them, or are the same, are one cell: {@code 0-7→8-15}.
 */
final class NicDrawing {
    private static final String NAME = "%-12s ";
    private static final int KEY_SHOWN = 8;

    private final Host host;
    private final int width;

    NicDrawing(Host host, int width) {
        this.host = host;
        this.width = width;
    }

    /** Queues from {@code first} to {@code last} and what is told of them; {@code value} is that of the first. */
    private record Row(int first, int last, String value, boolean counting) {
        @Override
        public String toString() {
            String queues = first == last ? "" + first : first + "-" + last;
            boolean range = counting && first != last;
            return queues + "→" + (range ? value + "-" + (Integer.parseInt(value) + last - first) : value);
        }
    }

    /** Every line with its line feed; empty when the host tells of no interface. */
    String text() {
        return host.getNics().stream().map(this::nic).collect(Collectors.joining("\n"));
    }

    private String nic(Nic nic) {
        StringBuilder text = new StringBuilder();
        text.append(Wrapped.cells(Plain.text(nic.getName()) + "  ", about(nic), ", ", width));
        addresses(text, nic.getName());
        rss(text, nic.getRss());
        List<NicQueue> receive =
                nic.getQueues().stream().filter(queue -> queue.getQueue() < nic.getRxQueues()).toList();
        List<NicQueue> transmit =
                nic.getQueues().stream().filter(queue -> queue.getQueue() < nic.getTxQueues()).toList();
        line(text, "rx IRQ CPU", receive, NicDrawing::irqCpus);
        line(text, "RPS CPUs", receive, NicQueue::getRpsCpus);
        line(text, "RFS entries", receive, queue -> queue.getRpsFlowCount() > 0 ? "" + queue.getRpsFlowCount() : "");
        line(text, "XPS CPUs", transmit, NicQueue::getXpsCpus);
        return text.toString();
    }

    private static List<String> about(Nic nic) {
        List<String> about = new ArrayList<>();
        about.add(nic.getDriver().isEmpty() ? nic.getKind().name().toLowerCase(Locale.ROOT) : nic.getDriver());
        if (!nic.getLower().isEmpty()) {
            about.add("over " + String.join(" ", nic.getLower()));
        }
        if (!nic.getBusAddress().isEmpty()) {
            about.add(nic.getBusAddress());
        }
        Long speed = nic.getSpeedBitsPerSecond();
        if (speed != null) {
            about.add(Scaled.bitsPerSecond(speed));
        }
        if (nic.getMtuBytes() >= 0) {
            about.add("MTU " + nic.getMtuBytes());
        }
        if (nic.getNumaNode() >= 0) {
            about.add("node " + nic.getNumaNode());
        }
        if (nic.getThreaded()) {
            about.add("polled by threads");
        }
        about.add(nic.getRxQueues() + " rx and " + Counted.of(nic.getTxQueues(), "tx queue"));
        return about;
    }

    private void addresses(StringBuilder text, String interfaceName) {
        for (DataAddress address : host.getDataAddresses()) {
            if (address.getInterfaceName().equals(interfaceName)) {
                text.append("  ")
                        .append(String.format(NAME, "data address"))
                        .append(Plain.text(RunTable.address(address.getAddress(), address.getPort())))
                        .append(", receive CPU ")
                        .append(steering(address))
                        .append('\n');
            }
        }
    }

    static String steering(DataAddress address) {
        return switch (address.getSteering()) {
            case HASHED -> "by hash (RSS, RPS)";
            case FOLLOWS_RECEIVER -> "follows the receiver (RFS)";
            case FOLLOWS_SENDER -> "follows the sender (loopback, veth)";
            case UNKNOWN -> "unknown";
        };
    }

    private void rss(StringBuilder text, @Nullable Rss rss) {
        if (rss == null) {
            return;
        }
        List<String> cells = new ArrayList<>();
        String function = switch (rss.getHashFunction()) {
            case TOEPLITZ -> "Toeplitz";
            case XOR -> "xor";
            case CRC32 -> "CRC32";
            case UNKNOWN -> "unknown function";
        };
        cells.add((rss.getSymmetric() ? "symmetric " : "") + function);
        if (!rss.getTcp4Fields().isEmpty()) {
            cells.add("TCPv4 by " + rss.getTcp4Fields());
        }
        if (!rss.getTcp6Fields().isEmpty()) {
            cells.add("TCPv6 by " + rss.getTcp6Fields());
        }
        String key = rss.getHashKey();
        if (key.isEmpty()) {
            cells.add("key unknown");
        } else {
            cells.add("key " + (key.length() > KEY_SHOWN ? key.substring(0, KEY_SHOWN) + "…" : key) + " ("
                    + key.length() / 2 + " bytes)");
        }
        if (rss.getTableEntries() > 0) {
            cells.add(rss.getTableEntries() + " entries: " + rss.getTablePattern());
        }
        text.append(Wrapped.cells("  " + String.format(NAME, "RSS"), cells, ", ", width));
    }

    /** The CPUs that serve the interrupt; those that may, when the kernel does not say which do. */
    private static String irqCpus(NicQueue queue) {
        return queue.getRxIrqEffectiveCpus().isEmpty() ? queue.getRxIrqCpus() : queue.getRxIrqEffectiveCpus();
    }

    private void line(StringBuilder text, String name, List<NicQueue> queues, Function<NicQueue, String> value) {
        List<Row> rows = new ArrayList<>();
        for (NicQueue queue : queues) {
            String told = value.apply(queue);
            if (told.isEmpty()) {
                continue;
            }
            Row last = rows.isEmpty() ? null : rows.getLast();
            Row longer = last == null || last.last() + 1 != queue.getQueue() ? null : longer(last, told);
            if (longer == null) {
                rows.add(new Row(queue.getQueue(), queue.getQueue(), told, false));
            } else {
                rows.set(rows.size() - 1, longer);
            }
        }
        if (!rows.isEmpty()) {
            List<String> cells = rows.stream().map(Row::toString).toList();
            text.append(Wrapped.cells("  " + String.format(NAME, name), cells, "  ", width));
        }
    }

    private static @Nullable Row longer(Row row, String told) {
        boolean single = row.first() == row.last();
        if (told.equals(row.value()) && (single || !row.counting())) {
            return new Row(row.first(), row.last() + 1, row.value(), false);
        }
        boolean numbers = isNumber(row.value()) && isNumber(told);
        boolean next = numbers
                && Integer.parseInt(told) == Integer.parseInt(row.value()) + row.last() + 1 - row.first();
        return next && (single || row.counting()) ? new Row(row.first(), row.last() + 1, row.value(), true) : null;
    }

    private static boolean isNumber(String text) {
        return text.length() < 7 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
