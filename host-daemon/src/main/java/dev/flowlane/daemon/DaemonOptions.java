package dev.flowlane.daemon;

import dev.flowlane.bus.BusSettings;
import dev.flowlane.config.Settings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The daemon's command line. */
@Command(
        name = "flowlane host-daemon",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        header = "Measures on this host: opens data connections, drives workers, publishes what they measure.",
        description = {
            "",
            "Everything it is told comes from the coordinator, over Kafka. Needs no privilege.",
            "",
            "Examples:",
            "  flowlane host-daemon --host-id rack7-a --data-address 10.77.0.7 --bootstrap kafka-1:9092",
            "  flowlane host-daemon --host-id rack7-a --data-address 10.77.0.7:7411 --data-address [fd77::7]:7411",
            "  flowlane host-daemon --print-inventory [INTERFACE...]     what it would announce, as JSON, and no more",
            ""
        })
final class DaemonOptions {
    private static final Pattern HOST_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final int WORKERS_MAX = 1024;

    /** At some 300 bytes each in a scrape. */
    private static final int SERIES_MAX = 200_000;

    private static final int KEEP_SECONDS_MAX = 86_400;

    @Option(
            names = "--host-id",
            required = true,
            paramLabel = "ID",
            description = "Name of this host in specs and results: 1 to 63 of A-Z a-z 0-9 . _ -")
    String hostId = "";

    @Option(
            names = "--data-address",
            required = true,
            split = ",",
            paramLabel = "ADDR[:PORT]",
            description = "IP address of this host that measured flows use; port 0 or none: any free one. Repeatable.")
    List<String> dataAddresses = new ArrayList<>();

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "Kafka's bootstrap servers (also: " + BusSettings.BOOTSTRAP_VARIABLE + ").")
    @Nullable String bootstrap;

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            description = "Prefix of the topics (also: " + BusSettings.PREFIX_VARIABLE + "). Default: flowlane.")
    @Nullable String prefix;

    @Option(
            names = "--kafka",
            paramLabel = "KEY=VALUE",
            description = "A property of the Kafka clients, such as security.protocol=SSL"
                    + " (also: FLOWLANE_KAFKA_SECURITY_PROTOCOL, and ..._FILE for a file that holds a secret).")
    Map<String, String> kafka = new LinkedHashMap<>();

    @Option(
            names = "--machine-id",
            paramLabel = "ID",
            description = "Hosts with the same machine id share their CPUs. Default: the kernel's boot id.")
    @Nullable String machineId;

    @Option(
            names = "--warm-workers",
            paramLabel = "N",
            description = "Idle workers kept ready while no run is on. Default: ${DEFAULT-VALUE}.")
    int warmWorkers = 2;

    @Option(
            names = "--max-workers",
            paramLabel = "N",
            description = "Most flow ends at a time; each takes about 80 MB. Default: ${DEFAULT-VALUE}.")
    int maxWorkers = 256;

    @Option(
            names = "--http-address",
            paramLabel = "HOST:PORT",
            description = "Where health and metrics are served; port 0: any free one. Default: ${DEFAULT-VALUE}.")
    String httpAddress = "127.0.0.1:0";

    @Option(
            names = "--metrics-max-series",
            paramLabel = "N",
            description = "Most series of single flows and CPUs under /metrics; what goes beyond is summed up by pair"
                    + " of hosts. Default: ${DEFAULT-VALUE}.")
    int metricsMaxSeries = 20_000;

    @Option(
            names = "--metrics-keep",
            paramLabel = "SECONDS",
            description = "How long the series of a flow stay under /metrics after its end: at least three scrapes."
                    + " Default: ${DEFAULT-VALUE}.")
    int metricsKeepSeconds = 300;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "Lock, sockets and caches (also: FLOWLANE_STATE_DIR)."
                    + " Default: ${sys:flowlane.help.state-dir:-~/.local/state/flowlane}.")
    @Nullable Path stateDir;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "File of settings, before ./flowlane.yaml and ~/.config/flowlane/config.yaml"
                    + " (also: FLOWLANE_CONFIG); none: read none of them.")
    @Nullable String config;

    @Option(
            names = "--exit-with-stdin",
            description = "End of file on standard input ends the daemon in order.")
    boolean exitWithStdin;

    /** What remains wrong when every option has its type; throws on the first. */
    void check() {
        if (!HOST_ID.matcher(hostId).matches()) {
            throw StartupException.usage("--host-id '" + printable(hostId)
                    + "': allowed are 1 to 63 of A-Z a-z 0-9 . _ -, beginning with a letter or digit");
        }
        if (machineId != null && !HOST_ID.matcher(machineId).matches()) {
            throw StartupException.usage("--machine-id '" + printable(machineId)
                    + "': allowed are 1 to 63 of A-Z a-z 0-9 . _ -, beginning with a letter or digit");
        }
        if (maxWorkers < 1 || maxWorkers > WORKERS_MAX) {
            throw StartupException.usage("--max-workers " + maxWorkers + ": allowed is 1 to " + WORKERS_MAX);
        }
        if (warmWorkers < 0 || warmWorkers > maxWorkers) {
            throw StartupException.usage("--warm-workers " + warmWorkers + ": allowed is 0 to " + maxWorkers
                    + " (--max-workers)");
        }
        if (metricsMaxSeries < 0 || metricsMaxSeries > SERIES_MAX) {
            throw StartupException.usage(
                    "--metrics-max-series " + metricsMaxSeries + ": allowed is 0 to " + SERIES_MAX);
        }
        if (metricsKeepSeconds < 1 || metricsKeepSeconds > KEEP_SECONDS_MAX) {
            throw StartupException.usage(
                    "--metrics-keep " + metricsKeepSeconds + ": allowed is 1 to " + KEEP_SECONDS_MAX + " seconds");
        }
    }

    /** Which Kafka. */
    BusSettings bus(Map<String, String> environment) {
        Map<String, String> overrides = new LinkedHashMap<>();
        kafka.forEach((key, value) -> overrides.put(key.startsWith("kafka.") ? key : "kafka." + key, value));
        if (bootstrap != null) {
            overrides.put(BusSettings.BOOTSTRAP_SETTING, bootstrap);
        }
        if (prefix != null) {
            overrides.put(BusSettings.PREFIX_SETTING, prefix);
        }
        try {
            return Settings.ofProcess(environment, config).bus(overrides);
        } catch (IllegalArgumentException e) {
            throw StartupException.usage(String.valueOf(e.getMessage()));
        }
    }

    Path stateRoot(Map<String, String> environment) {
        if (stateDir != null) {
            return stateDir.toAbsolutePath();
        }
        String variable = environment.getOrDefault("FLOWLANE_STATE_DIR", "");
        if (!variable.isBlank()) {
            return Path.of(variable).toAbsolutePath();
        }
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        Path base = xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".local", "state") : Path.of(xdg);
        return base.resolve("flowlane").toAbsolutePath();
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
