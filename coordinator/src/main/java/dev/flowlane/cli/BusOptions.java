package dev.flowlane.cli;

import dev.flowlane.bus.BusSettings;
import dev.flowlane.config.Setting;
import dev.flowlane.config.Value;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which Kafka: options of every command that talks to topics. */
final class BusOptions {
    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "Kafka's bootstrap servers (also: FLOWLANE_KAFKA_BOOTSTRAP_SERVERS)."
                    + " Without them: the local fleet.")
    @Nullable String bootstrap;

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            description = "Prefix of the topics (also: FLOWLANE_TOPIC_PREFIX). Default: flowlane.")
    @Nullable String prefix;

    @Option(
            names = "--kafka",
            paramLabel = "KEY=VALUE",
            description = "A property of the Kafka clients, such as security.protocol=SSL"
                    + " (also: FLOWLANE_KAFKA_SECURITY_PROTOCOL, and ..._FILE for a file that holds a secret).")
    Map<String, String> kafka = new LinkedHashMap<>();

    /** Whether a cluster was named, by option, environment or file; if not, the local fleet is meant. */
    boolean isNamed(CliContext context) {
        return bootstrap != null
                || kafka.containsKey("bootstrap.servers")
                || context.settings().find(Setting.BOOTSTRAP) != null;
    }

    /** Settings of the named cluster. */
    BusSettings named(CliContext context) {
        try {
            return context.settings().bus(flags());
        } catch (IllegalArgumentException e) {
            throw CliException.usage(String.valueOf(e.getMessage()));
        }
    }

    /** What the options themselves set. */
    Map<String, String> flags() {
        Map<String, String> overrides = new LinkedHashMap<>();
        kafka.forEach((key, value) -> overrides.put(key.startsWith("kafka.") ? key : "kafka." + key, value));
        if (bootstrap != null) {
            overrides.put(BusSettings.BOOTSTRAP_SETTING, bootstrap);
        }
        if (prefix != null) {
            overrides.put(BusSettings.PREFIX_SETTING, prefix);
        }
        return overrides;
    }

    /** Settings of a local fleet: no client property that was meant for a real cluster. */
    BusSettings local(CliContext context, String localBootstrap) {
        if (!kafka.isEmpty()) {
            throw CliException.usage(
                    "--kafka is for a Kafka that is named with --bootstrap; the local fleet has its own");
        }
        return BusSettings.of(localBootstrap, localPrefix(context));
    }

    String localPrefix(CliContext context) {
        Value set = context.settings().find(Setting.TOPIC_PREFIX);
        return prefix != null ? prefix : set != null ? set.text() : Setting.TOPIC_PREFIX.defaultText();
    }
}
