package dev.flowlane.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.config.Setting;
import dev.flowlane.config.Settings;
import dev.flowlane.config.Value;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Callable;

/** {@code config}: what is set outside the command line. */
@Command(
        name = "config",
        header = {
            "Shows the settings of clients, coordinator and host daemons.",
            "",
            "Examples:",
            "  flowlane config view --show-origin",
            ""
        })
final class ConfigVerb {
    @Mixin CommonOptions common = new CommonOptions();

    private static final String MASK = "***";
    private static final String DEFAULT = "default";

    /** Value is null where nothing is set and there is no default that goes everywhere. */
    private record Row(String key, @Nullable String value, String origin) {}

    /** {@code config view}. */
    @Command(
            name = "view",
            sortOptions = false,
            header = {
                "Shows every setting as it would be used in this folder by this user; secrets as ***.",
                "",
                "Examples:",
                "  flowlane config view --show-origin",
                "  flowlane config view --config lab.yaml -o json",
                ""
            },
            footer = {
                "",
                "A flag wins over the environment, that over the file of --config, over ./flowlane.yaml, over",
                "~/.config/flowlane/config.yaml, over the default. A file is YAML with the keys shown here, dots as",
                "sections; kafka.* are properties of the Kafka clients. A key KEY is FLOWLANE_KEY in the environment,",
                "with _ for dots and dashes."
            })
    static final class View implements Callable<Integer> {
        private final CliContext context;

        @Option(names = "--show-origin", description = "Say where each value comes from.")
        boolean showOrigin;

        @Mixin OutputOptions output = new OutputOptions();
        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        View(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            List<Row> rows = rows();
            Output.of(context, output, common).object(json(rows), () -> table(rows));
            return ExitCode.OK;
        }

        private List<Row> rows() {
            Settings settings = context.settings();
            List<Row> rows = new ArrayList<>();
            for (Setting setting : Setting.values()) {
                String flag = flag(setting);
                Value value = settings.find(setting);
                String secret = settings.secretVariable(setting);
                if (flag != null) {
                    rows.add(new Row(setting.key(), flag, setting.flag()));
                } else if (value != null) {
                    rows.add(new Row(setting.key(), setting.text(value), value.origin()));
                } else if (secret != null) {
                    rows.add(new Row(setting.key(), MASK, secret));
                } else {
                    String text = setting.defaultText();
                    rows.add(new Row(setting.key(), text.isEmpty() ? null : text, DEFAULT));
                }
            }
            kafka(settings).forEach((name, value) -> rows.add(new Row(
                    "kafka." + name, BusSettings.isSecret(name) ? MASK : value.text(), value.origin())));
            return rows;
        }

        private @Nullable String flag(Setting setting) {
            String property = bus.flags().get(BusSettings.BOOTSTRAP_SETTING);
            return switch (setting) {
                case BOOTSTRAP -> property;
                case TOPIC_PREFIX -> bus.prefix;
                case OUTPUT, COORDINATOR_HTTP_ADDRESS, COORDINATOR_METRICS_MAX_SERIES,
                        HTTP_VIEWER_TOKEN_FILE, HTTP_OPERATOR_TOKEN_FILE, HTTP_TLS_CERTIFICATE, HTTP_TLS_KEY,
                        HTTP_TLS_CLIENT_CA, HTTP_OPERATOR_SUBJECT, COORDINATOR_LIMITS, COORDINATOR_STATE_DIR,
                        HOST_ID, DATA_ADDRESS, MACHINE_ID, WARM_WORKERS, MAX_WORKERS, DAEMON_HTTP_ADDRESS,
                        DAEMON_METRICS_MAX_SERIES, DAEMON_METRICS_KEEP, DAEMON_STATE_DIR ->
                    null;
            };
        }

        private SortedMap<String, Value> kafka(Settings settings) {
            SortedMap<String, Value> kafka = settings.kafka();
            bus.flags().forEach((key, value) -> {
                if (key.startsWith("kafka.") && !key.equals(BusSettings.BOOTSTRAP_SETTING)) {
                    kafka.put(key.substring("kafka.".length()), new Value(List.of(value), "--kafka"));
                }
            });
            return kafka;
        }

        private String table(List<Row> rows) {
            TextTable table = new TextTable().left("KEY").left("VALUE");
            if (showOrigin) {
                table.left("ORIGIN");
            }
            for (Row row : rows) {
                String value = row.value() == null ? "-" : Plain.text(row.value());
                if (showOrigin) {
                    table.row(row.key(), value, Plain.text(row.origin()));
                } else {
                    table.row(row.key(), value);
                }
            }
            return table.render();
        }

        private ObjectNode json(List<Row> rows) {
            ObjectNode root = JsonNodeFactory.instance.objectNode();
            for (Row row : rows) {
                ObjectNode setting = root.withArrayProperty("settings").addObject();
                setting.put("key", row.key()).put("value", row.value());
                if (showOrigin) {
                    setting.put("origin", row.origin());
                }
            }
            return root;
        }
    }
}
