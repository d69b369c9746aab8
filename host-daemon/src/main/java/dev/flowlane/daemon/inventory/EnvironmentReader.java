package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.Ethtool;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads what measurements on this machine depend on: {@code /proc}, {@code /sys}, {@code /etc} and ethtool. */
public final class EnvironmentReader {
    private static final String CPUS = "sys/devices/system/cpu/";

    /** Read as they are; names as sysctl(8) writes them. */
    private static final List<String> SYSCTLS = List.of(
            "kernel.numa_balancing",
            "kernel.randomize_va_space",
            "kernel.sched_rt_runtime_us",
            "kernel.timer_migration",
            "kernel.nmi_watchdog",
            "net.core.busy_poll",
            "net.core.busy_read",
            "net.core.default_qdisc",
            "net.core.dev_weight",
            "net.core.netdev_budget",
            "net.core.netdev_budget_usecs",
            "net.core.netdev_max_backlog",
            "net.core.optmem_max",
            "net.core.rmem_default",
            "net.core.rmem_max",
            "net.core.rps_sock_flow_entries",
            "net.core.somaxconn",
            "net.core.wmem_default",
            "net.core.wmem_max",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_adv_win_scale",
            "net.ipv4.tcp_autocorking",
            "net.ipv4.tcp_congestion_control",
            "net.ipv4.tcp_ecn",
            "net.ipv4.tcp_limit_output_bytes",
            "net.ipv4.tcp_max_syn_backlog",
            "net.ipv4.tcp_mem",
            "net.ipv4.tcp_min_tso_segs",
            "net.ipv4.tcp_moderate_rcvbuf",
            "net.ipv4.tcp_mtu_probing",
            "net.ipv4.tcp_no_metrics_save",
            "net.ipv4.tcp_notsent_lowat",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_sack",
            "net.ipv4.tcp_slow_start_after_idle",
            "net.ipv4.tcp_timestamps",
            "net.ipv4.tcp_window_scaling",
            "net.ipv4.tcp_wmem",
            "vm.swappiness",
            "vm.zone_reclaim_mode");

    /** Of the kernel's command line only these: the rest names disks. */
    private static final Pattern ARGUMENT = Pattern.compile(
            "(isolcpus|nohz|nohz_full|rcu_nocbs|irqaffinity|mitigations|nosmt|maxcpus|idle|processor\\.max_cstate"
                    + "|intel_idle\\.max_cstate|intel_pstate|amd_pstate|cpufreq\\.default_governor"
                    + "|intel_iommu|amd_iommu"
                    + "|iommu|iommu\\.passthrough|iommu\\.strict|pcie_aspm|clocksource|tsc|skew_tick|nmi_watchdog"
                    + "|nosoftlockup|transparent_hugepage|hugepages|hugepagesz|default_hugepagesz|threadirqs|preempt"
                    + "|numa_balancing)(=.*)?");

    private static final Pattern CHOSEN = Pattern.compile("\\[([^]]*)]");

    private final Pseudo files;
    private final Function<String, Ethtool.Tuning> ethtool;

    /** Reads the running system. */
    public static EnvironmentReader ofSystem() {
        return new EnvironmentReader(Path.of("/"), Ethtool::tuning);
    }

    /** Reads a tree that looks like the root directory, and nothing from ethtool. */
    public static EnvironmentReader below(Path root) {
        return new EnvironmentReader(root, name -> Ethtool.Tuning.UNKNOWN);
    }

    /**
     * Reads a tree that looks like the root directory.
     *
     * @param ethtool what ethtool tells of the settings of an interface
     */
    EnvironmentReader(Path root, Function<String, Ethtool.Tuning> ethtool) {
        this.files = new Pseudo(root);
        this.ethtool = ethtool;
    }

    /** Everything that can be found out; {@code nics} are the interfaces that flows pass. */
    public Environment read(Machine machine, List<Nic> nics) {
        Environment.Builder facts = new Environment.Builder();
        kernel(facts);
        cpus(facts, machine);
        memory(facts);
        clock(facts);
        surroundings(facts, machine);
        SYSCTLS.forEach(name ->
                facts.put("sysctl." + name, files.text("proc/sys/" + name.replace('.', '/'), "")));
        for (Nic nic : nics) {
            facts.putAll(NicFacts.of(nic, ethtool.apply(nic.name()), files));
        }
        return facts.build();
    }

    private void kernel(Environment.Builder facts) {
        facts.put("kernel.release", files.text("proc/sys/kernel/osrelease", ""));
        facts.put("kernel.version", files.text("proc/sys/kernel/version", ""));
        facts.put(
                "kernel.arguments",
                Stream.of(files.text("proc/cmdline", "").split("\\s+"))
                        .filter(argument -> ARGUMENT.matcher(argument).matches())
                        .sorted()
                        .collect(Collectors.joining(" ")));
        facts.put("distribution", assigned(files.text("etc/os-release", ""), "PRETTY_NAME"));
    }

    private void cpus(Environment.Builder facts, Machine machine) {
        String info = files.text("proc/cpuinfo", "");
        facts.put("cpu.model", cpuInfo(info, "model name"));
        facts.put("cpu.microcode", cpuInfo(info, "microcode"));
        facts.put("cpu.online", machine.online().toString());
        facts.put("cpu.isolated", machine.isolated().toString());
        facts.put("cpu.nohz_full", cpuList("nohz_full"));
        facts.put("cpu.sockets", Long.toString(machine.cpus().stream().map(CpuTopology::packageId).distinct().count()));
        facts.put("cpu.numa_nodes", Long.toString(machine.cpus().stream().map(CpuTopology::numaNode).distinct()
                .count()));
        facts.put("cpu.smt", smt(machine));
        facts.put("cpu.governor", perCpu(machine, "cpufreq/scaling_governor"));
        facts.put("cpu.frequency_driver", perCpu(machine, "cpufreq/scaling_driver"));
        facts.put("cpu.energy_preference", perCpu(machine, "cpufreq/energy_performance_preference"));
        facts.put("cpu.frequency_min_khz", perCpu(machine, "cpufreq/scaling_min_freq"));
        facts.put("cpu.frequency_max_khz", perCpu(machine, "cpufreq/scaling_max_freq"));
        facts.put("cpu.turbo", turbo());
        facts.put("cpu.idle_driver", files.text(CPUS + "cpuidle/current_driver", ""));
        String idleStates = idleStates(machine);
        facts.put("cpu.idle_states", idleStates);
        for (String name : files.names(CPUS + "vulnerabilities")) {
            facts.put("cpu.mitigation." + name, files.text(CPUS + "vulnerabilities/" + name, ""));
        }
    }

    private String cpuList(String file) {
        CpuSet cpus = files.cpus(CPUS + file);
        return cpus.isEmpty() ? "" : cpus.toString();
    }

    /** The kernel's word, and whether some core really has more than one thread online. */
    private String smt(Machine machine) {
        String control = files.text(CPUS + "smt/control", "");
        boolean siblings = machine.cpus().stream().anyMatch(cpu -> cpu.siblings().size() > 1);
        return (control + (siblings ? " (cores share threads)" : "")).strip();
    }

    /** One content for all CPUs, or {@code content (cpus)} for each that occurs. */
    private String perCpu(Machine machine, String file) {
        Map<String, CpuSet> byContent = new TreeMap<>();
        for (CpuTopology cpu : machine.cpus()) {
            String content = files.text(CPUS + "cpu" + cpu.cpu() + "/" + file, "");
            if (!content.isEmpty()) {
                byContent.merge(content, CpuSet.of(cpu.cpu()), CpuSet::or);
            }
        }
        return byContent.size() == 1
                ? byContent.keySet().iterator().next()
                : byContent.entrySet().stream()
                        .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                        .collect(Collectors.joining(", "));
    }

    private String turbo() {
        String noTurbo = files.text(CPUS + "intel_pstate/no_turbo", "");
        String boost = files.text(CPUS + "cpufreq/boost", "");
        return noTurbo.isEmpty() ? word(boost, "1", "on", "0", "off") : word(noTurbo, "0", "on", "1", "off");
    }

    private static String word(String content, String first, String firstWord, String second, String secondWord) {
        return content.equals(first) ? firstWord : content.equals(second) ? secondWord : "";
    }

    /** Of the first CPU: names of the states that may be entered. */
    private String idleStates(Machine machine) {
        if (machine.cpus().isEmpty()) {
            return "";
        }
        String directory = CPUS + "cpu" + machine.cpus().getFirst().cpu() + "/cpuidle";
        return files.names(directory).stream()
                .filter(state -> files.number(directory + "/" + state + "/disable", 0) == 0)
                .map(state -> files.text(directory + "/" + state + "/name", ""))
                .collect(Collectors.joining(" "));
    }

    private void memory(Environment.Builder facts) {
        Matcher total = Pattern.compile("MemTotal:\\s+([0-9]+) kB").matcher(files.text("proc/meminfo", ""));
        if (total.find()) {
            // What the kernel keeps for itself differs from boot to boot by less.
            facts.put("memory.total", Math.ceilDiv(Long.parseLong(total.group(1)), 1 << 20) + " GiB");
        }
        facts.put("memory.transparent_hugepages", chosen("sys/kernel/mm/transparent_hugepage/enabled"));
    }

    private void clock(Environment.Builder facts) {
        String directory = "sys/devices/system/clocksource/clocksource0/";
        facts.put("clock.source", files.text(directory + "current_clocksource", ""));
        facts.put("clock.available", files.text(directory + "available_clocksource", ""));
    }

    private void surroundings(Environment.Builder facts, Machine machine) {
        facts.put("machine.model", (files.text("sys/class/dmi/id/sys_vendor", "") + " "
                + files.text("sys/class/dmi/id/product_name", "")).strip());
        facts.put("machine.virtual", cpuInfo(files.text("proc/cpuinfo", ""), "flags").matches(".*\\bhypervisor\\b.*")
                ? "yes" : "no");
        facts.put("process.irqbalance", files.names("run/irqbalance").isEmpty() ? "" : "running");
        facts.put("container", Container.kind(files));
        facts.put("cgroup.cpus", machine.cpuset().isEmpty() ? "" : machine.cpuset().toString());
        facts.put("cgroup.cpu_quota", Cgroup.quota(files));
        facts.put("cgroup.memory_max", Cgroup.memoryMax(files));
        facts.put("limit.open_files", limit("Max open files"));
        facts.put("limit.locked_memory", limit("Max locked memory"));
        facts.put("limit.processes", limit("Max processes"));
        facts.put("limit.realtime_priority", limit("Max realtime priority"));
    }

    /** Soft and hard limit of this process (proc(5), /proc/pid/limits). */
    private String limit(String name) {
        return files.text("proc/self/limits", "").lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+"))
                .filter(words -> words.length >= 2)
                .map(words -> words[0] + " " + words[1])
                .findFirst()
                .orElse("");
    }

    /** The word in brackets. */
    private String chosen(String path) {
        Matcher matcher = CHOSEN.matcher(files.text(path, ""));
        return matcher.find() ? matcher.group(1) : "";
    }

    /** Of the first CPU. */
    private static String cpuInfo(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name) && line.indexOf(':') > 0)
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
    }

    private static String assigned(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1).replaceAll("^\"|\"$", ""))
                .findFirst()
                .orElse("");
    }
}
