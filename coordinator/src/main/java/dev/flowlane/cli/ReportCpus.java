package dev.flowlane.cli;

import dev.flowlane.avro.CpuUse;
import dev.flowlane.avro.CpuUseKind;
import dev.flowlane.core.Counted;
import dev.flowlane.report.Html;
import dev.flowlane.report.Scale;
import dev.flowlane.report.ShareChart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the CPUs of the lanes did with their time: a small chart for each, and the means of the measured window. */
final class ReportCpus {
    /** More CPUs than this are in the table alone. */
    private static final int DRAWN_MAX = 24;

    /** Of one chart, which is about as many pixels wide. */
    private static final int SLICES_MAX = 250;

    private static final int STEPS_X = 4;
    private static final List<String> KINDS = List.of("user", "system", "irq", "softirq", "steal");

    private final ReportSeries series;
    private final Map<Cpu, List<CpuUse>> byCpu = new TreeMap<>();

    private record Cpu(String hostId, int cpu) implements Comparable<Cpu> {
        @Override
        public int compareTo(Cpu other) {
            return Comparator.comparing(Cpu::hostId).thenComparingInt(Cpu::cpu).compare(this, other);
        }
    }

    private ReportCpus(ReportSeries series, List<CpuUse> uses) {
        this.series = series;
        uses.stream()
                .sorted(Comparator.comparingLong(CpuUse::getIntervalStartedNs))
                .forEach(use -> byCpu.computeIfAbsent(new Cpu(use.getHostId(), use.getCpu()), _ -> new ArrayList<>())
                        .add(use));
    }

    /** The section; empty without records. */
    static String of(ReportSeries series, List<CpuUse> uses) {
        return uses.isEmpty() ? "" : new ReportCpus(series, uses).render();
    }

    private String render() {
        StringBuilder html = new StringBuilder("<h3>CPU time of the lanes</h3>\n");
        html.append(ShareChart.legend(KINDS, "dashed: the end of the warm-up")).append("<div class=\"cpus\">\n");
        byCpu.keySet().stream().limit(DRAWN_MAX).forEach(cpu -> html.append(chart(cpu)));
        html.append("</div>\n");
        if (byCpu.size() > DRAWN_MAX) {
            html.append(Html.element("p", DRAWN_MAX + " of " + byCpu.size() + " CPUs are drawn; the table has all."));
        }
        return html.append(means().render()).toString();
    }

    private String chart(Cpu cpu) {
        List<CpuUse> told = toldOnce(byCpu.getOrDefault(cpu, List.of()));
        String name = name(cpu) + ": " + part(told) + ", " + flows(cpu);
        List<Double> means = shares(told.stream().filter(use -> !use.getWarmup()).toList());
        ShareChart chart = new ShareChart(
                "cpu-" + List.copyOf(byCpu.keySet()).indexOf(cpu), name,
                "In the measured window " + KINDS.stream()
                        .map(kind -> kind + " " + percent(means.get(KINDS.indexOf(kind))))
                        .collect(Collectors.joining(", ")) + "; the rest it idled or waited for I/O.",
                Scale.until(series.endS(), STEPS_X), KINDS);
        int factor = Math.ceilDiv(told.size(), SLICES_MAX);
        for (int from = 0; from < told.size();) {
            int to = from + 1;
            while (to < told.size() && to - from < factor && follows(told.get(to - 1), told.get(to))) {
                to++;
            }
            chart.add(new ShareChart.Slice(series.seconds(told.get(from).getIntervalStartedNs()),
                    endS(told.get(to - 1)), shares(told.subList(from, to))));
            from = to;
        }
        List<CpuUse> warmups = told.stream()
                .filter(use -> use.getWarmup() && use.getFlowId().equals(told.getFirst().getFlowId()))
                .toList();
        if (!warmups.isEmpty()) {
            chart.shade(series.seconds(warmups.getFirst().getIntervalStartedNs()), endS(warmups.getLast()));
        }
        return chart.render();
    }

    private HtmlTable means() {
        HtmlTable table = new HtmlTable("Means of the measured window").cards().word("CPU").word("Part").word("Flows")
                .number("Busy").number("User").number("System").number("Irq").number("Softirq").number("Steal")
                .number("I/O wait").number("Idle");
        byCpu.forEach((cpu, uses) -> {
            List<CpuUse> measured = toldOnce(uses).stream().filter(use -> !use.getWarmup()).toList();
            List<Double> shares = shares(measured);
            double allNs = measured.stream().mapToDouble(ReportCpus::allNs).sum();
            double waitedNs = measured.stream().mapToDouble(CpuUse::getIowaitNs).sum();
            double idleNs = measured.stream().mapToDouble(CpuUse::getIdleNs).sum();
            List<String> cells = new ArrayList<>(List.of(name(cpu), part(uses), flows(cpu)));
            cells.add(allNs > 0 ? percent(shares.stream().mapToDouble(Double::doubleValue).sum()) : "-");
            shares.forEach(share -> cells.add(allNs > 0 ? percent(share) : "-"));
            cells.add(allNs > 0 ? percent(waitedNs / allNs) : "-");
            cells.add(allNs > 0 ? percent(idleNs / allNs) : "-");
            table.row(cells.toArray(String[]::new));
        });
        return table;
    }

    /** Flows that share a CPU tell of it each; of every measurement one of them is enough. */
    private static List<CpuUse> toldOnce(List<CpuUse> uses) {
        Map<String, String> teller = new HashMap<>();
        return uses.stream()
                .filter(use -> {
                    String end = use.getFlowId() + " " + use.getFlowRole();
                    return teller.computeIfAbsent(ReportSeries.attempt(use.getFlowId()), _ -> end).equals(end);
                })
                .toList();
    }

    private static boolean follows(CpuUse one, CpuUse next) {
        return one.getFlowId().equals(next.getFlowId()) && one.getSeq() + 1 == next.getSeq()
                && one.getWarmup() == next.getWarmup();
    }

    private double endS(CpuUse use) {
        return series.seconds(use.getIntervalStartedNs() + use.getIntervalNs());
    }

    /** Of all their time together, kind by kind, 0 to 1. */
    private static List<Double> shares(List<CpuUse> uses) {
        double allNs = uses.stream().mapToDouble(ReportCpus::allNs).sum();
        double[] sumNs = new double[KINDS.size()];
        for (CpuUse use : uses) {
            sumNs[0] += use.getUserNs();
            sumNs[1] += use.getSystemNs();
            sumNs[2] += use.getIrqNs();
            sumNs[3] += use.getSoftirqNs();
            sumNs[4] += use.getStealNs();
        }
        List<Double> shares = new ArrayList<>();
        for (double ns : sumNs) {
            shares.add(allNs > 0 ? ns / allNs : 0);
        }
        return shares;
    }

    private static double allNs(CpuUse use) {
        return (double) use.getUserNs() + use.getSystemNs() + use.getIrqNs() + use.getSoftirqNs() + use.getStealNs()
                + use.getIowaitNs() + use.getIdleNs();
    }

    private static String name(Cpu cpu) {
        return cpu.hostId() + " CPU " + cpu.cpu();
    }

    /** A CPU may be another's part for another flow. */
    private static String part(List<CpuUse> uses) {
        return uses.stream().map(CpuUse::getCpuUse).distinct().map(ReportCpus::word).collect(Collectors.joining(", "));
    }

    private static String word(CpuUseKind kind) {
        return switch (kind) {
            case APPLICATION -> "app";
            case RECEIVE -> "rx";
            case APPLICATION_AND_RECEIVE -> "rx and app";
            case UNKNOWN -> "?";
        };
    }

    private String flows(Cpu cpu) {
        TreeSet<Integer> numbers = byCpu.getOrDefault(cpu, List.of()).stream()
                .map(use -> series.number(use.getFlowId()))
                .collect(Collectors.toCollection(TreeSet::new));
        return numbers.size() == 1
                ? "flow " + numbers.first()
                : numbers.size() <= 4
                        ? "flows " + numbers.stream().map(String::valueOf).collect(Collectors.joining(", "))
                        : Counted.of(numbers.size(), "flow");
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
