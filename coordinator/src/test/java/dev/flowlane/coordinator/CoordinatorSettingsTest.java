package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.config.Setting;
import dev.flowlane.config.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Settings of files and environment reach the coordinator's options; flags win. */
final class CoordinatorSettingsTest {
    @TempDir
    Path directory = Path.of(".");

    @Test
    void everySettingOfTheCoordinatorIsAnOptionOfIt() {
        CommandLine.Model.CommandSpec spec = new CommandLine(new CoordinatorOptions()).getCommandSpec();
        for (Setting setting : Setting.values()) {
            if (setting.program() == Setting.Program.COORDINATOR || setting.program() == Setting.Program.EVERY) {
                assertThat(spec.findOption(setting.flag())).as(setting.key()).isNotNull();
            }
        }
    }

    @Test
    void flagsWinOverFilesAndFilesOverDefaults() throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), """
                bootstrap: kafka-1:9092
                kafka.client.rack: r1
                coordinator: {http-address: "127.0.0.1:1234", metrics-max-series: 7}
                """);

        CoordinatorOptions options = parsed("--config", file.toString(), "--metrics-max-series", "8");

        assertThat(options.http).hasToString("127.0.0.1:1234");
        assertThat(options.metricsMaxSeries).isEqualTo(8);
        assertThat(options.bus(Map.of()).bootstrapServers()).isEqualTo("kafka-1:9092");
        assertThat(options.bus(Map.of("FLOWLANE_KAFKA_CLIENT_RACK", "r2")).kafka()).containsEntry("client.rack", "r2");
        assertThat(parsed("--config", "none").http).isEqualTo(HttpAddress.parse(HttpAddress.DEFAULT));
    }

    private static CoordinatorOptions parsed(String... arguments) {
        CoordinatorOptions options = new CoordinatorOptions();
        CommandLine commandLine = new CommandLine(options);
        commandLine.setDefaultValueProvider(
                CoordinatorMain.defaults(Settings.ofProcess(Map.of(), Settings.flag(arguments))));
        commandLine.parseArgs(arguments);
        return options;
    }
}
