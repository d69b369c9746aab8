package dev.flowlane.daemon;

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

/** Settings of files and environment reach the daemon's options, those that it cannot do without, too; flags win. */
final class DaemonSettingsTest {
    @TempDir
    Path directory = Path.of(".");

    @Test
    void everySettingOfTheDaemonIsAnOptionOfIt() {
        CommandLine.Model.CommandSpec spec = new CommandLine(new DaemonOptions()).getCommandSpec();
        for (Setting setting : Setting.values()) {
            if (setting.program() == Setting.Program.HOST_DAEMON || setting.program() == Setting.Program.EVERY) {
                assertThat(spec.findOption(setting.flag())).as(setting.key()).isNotNull();
            }
        }
    }

    @Test
    void flagsWinOverVariablesVariablesOverFilesAndFilesOverDefaults() throws IOException {
        Path file = Files.writeString(directory.resolve("d.yaml"), """
                host-daemon:
                  host-id: from-file
                  data-address: [10.0.0.7, "[fd77::7]:7411"]
                  max-workers: 9
                """);
        Map<String, String> environment = Map.of(
                "FLOWLANE_CONFIG", file.toString(),
                "FLOWLANE_HOST_DAEMON_HOST_ID", "from-environment",
                "FLOWLANE_HOST_DAEMON_MAX_WORKERS", "10");

        DaemonOptions options = parsed(environment, "--max-workers", "11");

        assertThat(options.hostId).isEqualTo("from-environment");
        assertThat(options.dataAddresses).containsExactly("10.0.0.7", "[fd77::7]:7411");
        assertThat(options.maxWorkers).isEqualTo(11);
        assertThat(options.warmWorkers).isEqualTo(2);
        assertThat(parsed(environment, "--data-address", "10.0.0.9").dataAddresses).containsExactly("10.0.0.9");
    }

    private static DaemonOptions parsed(Map<String, String> environment, String... arguments) {
        DaemonOptions options = new DaemonOptions();
        CommandLine commandLine = new CommandLine(options);
        commandLine.setDefaultValueProvider(
                HostDaemonMain.defaults(Settings.ofProcess(environment, Settings.flag(arguments))));
        commandLine.parseArgs(arguments);
        return options;
    }
}
