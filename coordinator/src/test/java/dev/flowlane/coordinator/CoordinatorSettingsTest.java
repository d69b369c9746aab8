package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.config.Setting;
import dev.flowlane.config.Settings;
import dev.flowlane.core.run.Limits;
import dev.flowlane.page.AccessRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import javax.security.auth.x500.X500Principal;

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

    @Test
    void whoMayDoWhatComesFromFilesAndVariablesToo() throws IOException {
        Path limits = Files.writeString(directory.resolve("limits"), "limits.jo.flows=3\n");
        Path token = Files.writeString(directory.resolve("token"), "viewer-token-of-this-test-0123456789\n");
        Path file = Files.writeString(directory.resolve("c.yaml"), """
                coordinator:
                  limits: %s
                  http-viewer-token-file: %s
                  http-tls-certificate: %s
                  http-tls-key: %s
                  http-tls-client-ca: %s
                  http-operator-subject: ["CN=alice,OU=lab", "CN=bob,OU=lab"]
                """.formatted(limits, token, token, token, token));

        CoordinatorOptions options = parsed("--config", file.toString());

        assertThat(options.limits()).isEqualTo(LimitsFile.read(limits)).isNotEqualTo(Limits.NONE);
        AccessRules rules = options.security.security(Map.of(), true).rules();
        assertThat(rules.viewerToken()).isNotNull();
        assertThat(rules.certificates()).isTrue();
        assertThat(rules.operatorSubjects()).containsExactlyInAnyOrder(
                new X500Principal("CN=alice,OU=lab"), new X500Principal("CN=bob,OU=lab"));
        assertThat(parsed("--config", file.toString(), "--http-operator-subject", "CN=eve").security.operatorSubjects)
                .containsExactly("CN=eve");
    }

    @Test
    void aTokenInAVariableWinsOverTheFileOfASetting() throws IOException {
        Path file = Files.writeString(
                directory.resolve("c.yaml"), "coordinator: {http-viewer-token-file: /nowhere/at/all}\n");
        Map<String, String> environment = Map.of("FLOWLANE_HTTP_VIEWER_TOKEN", "viewer-token-of-this-test-0123456789");

        CoordinatorOptions options = parsed(environment, "--config", file.toString());

        assertThat(options.security.viewerTokenFile).isNull();
        assertThat(options.security.security(environment, true).rules().credentialsNeeded()).isTrue();
    }

    private static CoordinatorOptions parsed(String... arguments) {
        return parsed(Map.of(), arguments);
    }

    private static CoordinatorOptions parsed(Map<String, String> environment, String... arguments) {
        CoordinatorOptions options = new CoordinatorOptions();
        CommandLine commandLine = new CommandLine(options);
        commandLine.setDefaultValueProvider(
                CoordinatorMain.defaults(Settings.ofProcess(environment, Settings.flag(arguments))));
        commandLine.parseArgs(arguments);
        return options;
    }
}
