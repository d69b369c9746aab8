package dev.flowlane.coordinator;

import dev.flowlane.bus.BusSettings;
import dev.flowlane.config.Settings;
import dev.flowlane.core.run.Limits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The coordinator's command line. */
@Command(
        name = "flowlane coordinator",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        header = "Decides where flows go and when: the one coordinator of an installation.",
        description = {
            "",
            "Reads what users ask from Kafka, tells the host daemons what to do, and writes the results.",
            "A second coordinator stands by and takes over when the first one ends.",
            "",
            "Examples:",
            "  flowlane coordinator --bootstrap kafka-1:9092",
            "  flowlane coordinator --bootstrap kafka-1:9093 --kafka security.protocol=SSL"
        })
final class CoordinatorOptions {
    /** At some 150 bytes each in a scrape. */
    private static final int SERIES_MAX = 200_000;

    private static final String STATE_DIR_VARIABLE = "FLOWLANE_STATE_DIR";

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
            names = "--http-address",
            paramLabel = "HOST:PORT",
            defaultValue = HttpAddress.DEFAULT,
            converter = AddressConverter.class,
            description = "Where the page, health, metrics, runs and hosts are served. Port 0: any free one."
                    + " Default: ${DEFAULT-VALUE}.")
    HttpAddress http = HttpAddress.parse(HttpAddress.DEFAULT);

    @Mixin HttpSecurityOptions security = new HttpSecurityOptions();

    @Option(
            names = "--metrics-max-series",
            paramLabel = "N",
            description = "Most series of runs under /metrics; runs beyond are left out and counted."
                    + " Default: ${DEFAULT-VALUE}.")
    int metricsMaxSeries = 20_000;

    @Option(
            names = "--limits",
            paramLabel = "FILE",
            description = "Properties limits.NAME.WHAT=AMOUNT: what each requester may ask for (NAME as `id -un` says"
                    + " it, or * for everybody; WHAT is flows, rate, requests, duration or runs; also:"
                    + " FLOWLANE_COORDINATOR_LIMITS).")
    @Nullable Path limitsFile;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "Where coordinator.properties names process and HTTP address while it runs"
                    + " (also: " + STATE_DIR_VARIABLE + "). Decisions are kept in Kafka only.")
    @Nullable Path stateDir;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "File of settings, before ./flowlane.yaml and ~/.config/flowlane/config.yaml"
                    + " (also: FLOWLANE_CONFIG); none: read none of them.")
    @Nullable String config;

    @Option(
            names = "--exit-with-stdin",
            description = "End of file on standard input ends the coordinator in order.")
    boolean exitWithStdin;

    /**
     * Checks what has its type but may be out of range.
     *
     * @throws IllegalArgumentException naming the first option that is, and what is allowed
     */
    void check() {
        if (metricsMaxSeries < 0 || metricsMaxSeries > SERIES_MAX) {
            throw new IllegalArgumentException(
                    "--metrics-max-series " + metricsMaxSeries + ": allowed is 0 to " + SERIES_MAX);
        }
    }

    /**
     * The bus that is meant.
     *
     * @throws IllegalArgumentException if a setting is missing or not to be set; the message names it
     */
    BusSettings bus(Map<String, String> environment) {
        Map<String, String> overrides = new LinkedHashMap<>();
        kafka.forEach((key, value) -> overrides.put(key.startsWith("kafka.") ? key : "kafka." + key, value));
        if (bootstrap != null) {
            overrides.put(BusSettings.BOOTSTRAP_SETTING, bootstrap);
        }
        if (prefix != null) {
            overrides.put(BusSettings.PREFIX_SETTING, prefix);
        }
        return Settings.ofProcess(environment, config).bus(overrides);
    }

    /**
     * What each requester may ask for.
     *
     * @throws IllegalArgumentException if the file cannot be read or says what cannot be; the message names the line
     */
    Limits limits() {
        return limitsFile == null ? Limits.NONE : LimitsFile.read(limitsFile);
    }

    /** Directory for the file that names this process; null: none is written. */
    @Nullable Path stateDir(Map<String, String> environment) {
        String variable = environment.getOrDefault(STATE_DIR_VARIABLE, "");
        return stateDir != null || variable.isBlank() ? stateDir : Path.of(variable);
    }

    private static final class AddressConverter implements ITypeConverter<HttpAddress> {
        @Override
        public HttpAddress convert(String text) {
            try {
                return HttpAddress.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}
