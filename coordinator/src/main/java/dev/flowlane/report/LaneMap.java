package dev.flowlane.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The CPUs of hosts as cells, each with what it did for which flow. */
public final class LaneMap {
    private static final int COLUMNS = 16;
    private static final int CELL = 46;
    private static final int GAP = 4;

    private final Map<String, Map<Integer, List<Use>>> hosts = new LinkedHashMap<>();

    /** What a CPU is to a flow. */
    private record Use(int flow, String role) {}

    /** A host with its CPUs, used or not. */
    public LaneMap host(String hostId, int[] cpus) {
        Map<Integer, List<Use>> cells = hosts.computeIfAbsent(hostId, _ -> new LinkedHashMap<>());
        for (int cpu : cpus) {
            cells.computeIfAbsent(cpu, _ -> new ArrayList<>());
        }
        return this;
    }

    /**
     * A CPU that a flow uses; one below 0 is unknown and left out.
     *
     * @param role such as {@code rx} or {@code app}
     */
    public LaneMap use(String hostId, int cpu, int flow, String role) {
        if (cpu >= 0) {
            hosts.computeIfAbsent(hostId, _ -> new LinkedHashMap<>())
                    .computeIfAbsent(cpu, _ -> new ArrayList<>())
                    .add(new Use(flow, role));
        }
        return this;
    }

    /** A drawing for each host. */
    public String render() {
        StringBuilder html = new StringBuilder("<div class=\"lanes\">\n");
        hosts.forEach((host, cells) -> html.append(drawing(host, cells)));
        return html.append("</div>\n").toString();
    }

    private static String drawing(String host, Map<Integer, List<Use>> cells) {
        List<Integer> cpus = cells.keySet().stream().sorted().toList();
        int columns = Math.max(1, Math.min(COLUMNS, cpus.size()));
        int rows = Math.max(1, Math.ceilDiv(cpus.size(), columns));
        StringBuilder svg = new StringBuilder("<figure><figcaption>" + Html.text(host) + "</figcaption>");
        svg.append(String.format(Locale.ROOT,
                "<svg class=\"cells\" viewBox=\"-1 -1 %d %d\" style=\"max-width:%dpx\" role=\"img\">"
                        + "<title>%s</title>%n",
                columns * (CELL + GAP), rows * (CELL + GAP), columns * (CELL + GAP),
                Html.text("CPUs of " + host + " and the flows that use them")));
        for (int i = 0; i < cpus.size(); i++) {
            svg.append(cell(cpus.get(i), cells.getOrDefault(cpus.get(i), List.of()),
                    i % columns * (CELL + GAP), i / columns * (CELL + GAP)));
        }
        return svg.append("</svg></figure>\n").toString();
    }

    private static String cell(int cpu, List<Use> uses, int x, int y) {
        List<Integer> flows = uses.stream().map(Use::flow).distinct().toList();
        String style = flows.isEmpty()
                ? "idle"
                : flows.size() > 1 ? "shared" : "s" + flows.getFirst() % LineChart.STYLES;
        StringBuilder title = new StringBuilder("CPU " + cpu + (uses.isEmpty() ? ": no flow" : ":"));
        uses.forEach(use -> title.append(" flow ").append(use.flow()).append(' ').append(use.role()).append(';'));
        String label = switch (flows.size()) {
            case 0 -> "";
            case 1 -> flows.getFirst() + " " + String.join("+", uses.stream().map(Use::role).distinct().toList());
            case 2, 3 -> String.join(",", flows.stream().map(String::valueOf).toList());
            default -> flows.size() + " flows";
        };
        return String.format(Locale.ROOT, "<g class=\"cell %s\"><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\""
                        + " height=\"%d\" rx=\"5\"/><text class=\"cpu\" x=\"%d\" y=\"%d\">%d</text><text class=\"use\""
                        + " x=\"%d\" y=\"%d\">%s</text></g>%n",
                style, Html.text(title.toString()), x, y, CELL, CELL, x + CELL / 2, y + 19, cpu, x + CELL / 2, y + 36,
                Html.text(label));
    }
}
