package dev.flowlane.core.doctor;

import static dev.flowlane.core.doctor.Diagnosis.fail;
import static dev.flowlane.core.doctor.Diagnosis.ok;
import static dev.flowlane.core.doctor.Diagnosis.warn;

import dev.flowlane.posix.CpuSet;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which CPUs there are, and whether they run at one speed and for Flowlane alone. */
final class CpuChecks {
    private static final Pattern QUOTA = Pattern.compile("([0-9]+\\.[0-9]+) CPUs.*");

    private CpuChecks() {}

    static List<Diagnosis> of(HostSnapshot host) {
        return List.of(
                cpuset(host), quota(host), smt(host), isolated(host), governor(host), turbo(host), idle(host),
                steal(host), clock(host));
    }

    static Diagnosis cpuset(HostSnapshot host) {
        CpuSet allowed = host.allowed();
        if (allowed.isEmpty()) {
            return fail("cpuset", "no CPU is allowed, or they are unknown",
                    "see Cpus_allowed_list in /proc/self/status");
        }
        if (allowed.size() == 1) {
            return warn("cpuset", "only CPU " + allowed + " is allowed: the daemon and its flows share it",
                    "give the daemon more CPUs: systemctl set-property SERVICE AllowedCPUs=" + host.online());
        }
        return allowed.equals(host.online())
                ? ok("cpuset", "all CPUs are allowed: " + allowed)
                : warn("cpuset", "CPUs " + allowed + " of " + host.online() + " are allowed",
                        "systemctl set-property SERVICE AllowedCPUs=" + host.online()
                                + "   (docker: --cpuset-cpus=" + host.online() + ")");
    }

    static Diagnosis quota(HostSnapshot host) {
        String quota = host.fact("cgroup.cpu_quota");
        Matcher cpus = QUOTA.matcher(quota);
        if (!cpus.matches()) {
            return ok("quota", quota.isEmpty() ? "no quota is known of" : "no quota");
        }
        return fail("quota", "the control group may use " + quota
                        + ": when they are used up, workers stand still in the middle of a measurement",
                "docker update --cpus 0 CONTAINER   (systemd: systemctl set-property SERVICE CPUQuota=)");
    }

    static Diagnosis smt(HostSnapshot host) {
        List<HostSnapshot.Core> shared = host.cpus().stream()
                .filter(cpu -> host.allowed().contains(cpu.cpu()) && cpu.siblings().and(host.allowed()).size() > 1)
                .toList();
        return shared.isEmpty()
                ? ok("smt", "no two allowed CPUs share a core")
                : warn("smt", "CPUs share cores, such as " + shared.getFirst().siblings()
                                + ": flows keep off siblings, so that half of the CPUs stay idle",
                        "echo off > /sys/devices/system/cpu/smt/control");
    }

    static Diagnosis isolated(HostSnapshot host) {
        CpuSet isolated = host.isolated();
        if (isolated.isEmpty()) {
            return warn("isolated", "no CPU is isolated: the scheduler puts other work on the CPUs of lanes",
                    "boot with: isolcpus=LIST nohz_full=LIST rcu_nocbs=LIST, and run with placement.isolated-only");
        }
        return isolated.intersects(host.allowed())
                ? ok("isolated", "CPUs " + isolated + " are isolated")
                : warn("isolated", "CPUs " + isolated + " are isolated, but the daemon may not use them",
                        "systemctl set-property SERVICE AllowedCPUs=" + host.allowed().or(isolated));
    }

    static Diagnosis governor(HostSnapshot host) {
        String governor = host.fact("cpu.governor");
        if (governor.isEmpty()) {
            return ok("governor", "the kernel does not set the frequency here");
        }
        return governor.equals("performance")
                ? ok("governor", governor)
                : warn("governor", governor + ": the frequency follows the load, and figures with it",
                        "cpupower frequency-set -g performance");
    }

    static Diagnosis turbo(HostSnapshot host) {
        String turbo = host.fact("cpu.turbo");
        boolean intel = host.fact("cpu.frequency_driver").startsWith("intel");
        return turbo.equals("on")
                ? warn("turbo", "on: the frequency depends on heat and on what the other cores do",
                        intel
                                ? "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"
                                : "echo 0 > /sys/devices/system/cpu/cpufreq/boost")
                : ok("turbo", turbo.isEmpty() ? "the kernel does not set it here" : turbo);
    }

    static Diagnosis idle(HostSnapshot host) {
        String states = host.fact("cpu.idle_states");
        boolean deep = states.matches(".*\\bC([2-9]|1[0-9]|1E)\\w*.*");
        return deep
                ? warn("idle", "CPUs sleep deeply (" + states + "): waking up adds tens of microseconds to round trips",
                        "cpupower idle-set -D 10")
                : ok("idle", states.isEmpty() ? "the kernel does not choose idle states here" : states);
    }

    static Diagnosis steal(HostSnapshot host) {
        return host.fact("machine.virtual").equals("yes")
                ? warn("virtual", "a virtual machine: its host may take CPUs away (steal in cpu-use shows it)",
                        "measure on bare metal, or give the machine CPUs of its own")
                : ok("virtual", "no hypervisor is seen");
    }

    static Diagnosis clock(HostSnapshot host) {
        String source = host.fact("clock.source");
        if (!List.of("hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit").contains(source)) {
            return ok("clock", source.isEmpty() ? "the clock source is unknown" : source);
        }
        boolean better = List.of(host.fact("clock.available").split(" ", -1)).contains("tsc");
        return warn("clock", source + ": reading it takes a microsecond, several times for each round trip",
                better
                        ? "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource"
                        : "boot with: clocksource=tsc tsc=reliable, if the processor has a steady one");
    }
}
