package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.spec.SpecKey;
import dev.flowlane.core.spec.SpecKeys;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Everything that is decided before a broker is needed: options, specs, help, and errors with their mend and exit code.
 */
final class CommandLineTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private String standardInput = "";
    private boolean terminal;

    @TempDir
    Path directory = Path.of(".");

    @BeforeEach
    void ownState() {
        environment.put("FLOWLANE_STATE_DIR", directory.toString());
        environment.put("XDG_CONFIG_HOME", directory.toString());
    }

    @Test
    void withoutACommandThereIsHelpToBeHad() {
        assertThat(run()).isEqualTo(2);
        assertThat(err()).contains("a command is missing", "flowlane --help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "up", "down", "status", "submit", "list", "get", "watch", "wait", "cancel", "plan",
            "export", "compare", "baselines", "report", "doctor", "hosts", "topics", "config", "completion"})
    void everyCommandHasHelp(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out()).contains("Usage: flowlane " + command);
    }

    @Test
    void examplesComeBeforeTheOptions() {
        run("run", "--help");

        assertThat(out().indexOf("Examples:")).isLessThan(out().indexOf("Usage:")).isPositive();
    }

    @Test
    void everyKeyOfTheSpecIsAnOptionWithItsRangeInTheHelp() {
        run("run", "--help");

        assertThat(SpecKeys.all()).isNotEmpty();
        for (SpecKey key : SpecKeys.all()) {
            assertThat(out()).contains("--" + key.flag());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            run --duration 0s           | duration                | 10ms
            run --duration -1s          | duration                | 10ms
            run --duration 1y           | duration                |
            run --duraton 1s            | --duraton               | did you mean: --duration
            run --set duraton=1s        | duraton                 | did you mean duration
            run --set duration          | KEY=VALUE               |
            run --flows 0               | flows                   | 1 to 1024
            run --flows many            | flows                   | 1 to 1024
            run --request-size 99GiB    | traffic.request-size    | 16MiB
            run --traffic floods        | traffic.kind            | request-response
            run --timeout 0             | --timeout               | above 0
            run -o xml                  | xml                     | table, json, jsonl, csv, yaml
            run --ipv4 --ipv6           | --ipv4 and --ipv6       |
            run no-such-file.yaml       | no-such-file.yaml       | standard input
            run --bootstrap nowhere --source a --destination b | nowhere | HOST:PORT
            run --bootstrap h:99999 --source a --destination b | 99999   | 1 to 65535
            run --bootstrap h:1         | sources                 |
            run --run-id a/b            | run                     |
            run --kafka acks=0 --bootstrap h:1 --source a --destination b | acks |
            get                         | RUN                     |
            rum                         | rum                     | did you mean: run
            hosts                       | subcommand              | flowlane hosts --help
            topics create --replication 0 --bootstrap h:1 | --replication | 1
            """)
    void wrongUsageIsOneMessageWithTheMend(String arguments, String names, String mend) {
        assertThat(run(arguments.split(" +", -1))).as(err()).isEqualTo(2);

        assertThat(out()).isEmpty();
        assertThat(err()).startsWith("error: ").contains(names).contains(mend == null ? "" : mend);
        assertThat(err()).doesNotContain("\tat ", "Exception");
        assertThat(err().lines().filter(line -> line.startsWith("error:"))).hasSize(1);
    }

    @Test
    void aSpecFromStandardInputMayBeYamlOrJson() {
        standardInput = "{\"duration\": \"0s\"}";
        assertThat(run("run", "-")).isEqualTo(2);
        assertThat(err()).contains("the spec on standard input: duration");
    }

    @Test
    void everyProblemOfASpecIsNamed() {
        standardInput = "duration: 0s\nflows: 0\ntraffic: {kind: flood}\n";
        assertThat(run("run", "-")).isEqualTo(2);
        assertThat(err()).contains("3 problems", "duration:", "flows:", "traffic.kind:");
    }

    @Test
    void aDryRunPrintsTheWholeSpecAsItWouldBeSubmittedAndAsksNobody() {
        environment.put("FLOWLANE_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
        assertThat(run("run", "--dry-run", "--run-id", "n1", "--source", "a", "--destination", "b", "--duration", "3s"))
                .isZero();
        String printed = out();
        assertThat(printed).contains("run: n1", "sources: [a]", "duration: 3s", "interval: 1s");

        standardInput = printed;
        assertThat(run("submit", "--dry-run", "-")).isZero();
        assertThat(out()).isEqualTo(printed);
        assertThat(run("run", "--dry-run", "--duration", "0s")).isEqualTo(2);
    }

    @Test
    void helpKeepsToTheTerminalsWidth() {
        terminal = true;
        environment.put("NO_COLOR", "1");
        environment.put("COLUMNS", "72");
        assertThat(run("get", "--help")).isZero();
        assertThat(out().lines()).isNotEmpty().allMatch(line -> Plain.width(line) <= 72);
    }

    @Test
    void optionsWinOverTheFile() throws IOException {
        Path spec = Files.writeString(directory.resolve("spec.yaml"), "duration: 0s\n");

        // The spec is good then, and the next thing that is missing is the broker.
        assertThat(run("run", spec.toString(), "--duration", "1s", "--source", "a", "--destination", "b",
                        "--bootstrap", unusedAddress()))
                .isEqualTo(3);
        assertThat(err()).contains("no Kafka broker answers");
    }

    @Test
    void noBrokerIsSaidAtOnceWithTheMend() throws IOException {
        String address = unusedAddress();

        assertThat(run("run", "--source", "a", "--destination", "b", "--bootstrap", address)).isEqualTo(3);
        assertThat(err()).contains("no Kafka broker answers at " + address + ": connection refused", "local fleet");
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "get r", "watch r", "wait r", "cancel r", "submit", "plan", "hosts list",
            "hosts describe h",
        "topics create", "topics verify"})
    void withoutAFleetThereIsAHintHowToStartOne(String arguments) {
        assertThat(run(arguments.split(" ", -1))).isEqualTo(3);
        assertThat(err()).contains("no local fleet is up", "flowlane up", "--bootstrap HOST:PORT");
    }

    @Test
    void statusWithoutAFleetIsOneForScripts() {
        assertThat(run("status")).isEqualTo(1);
        assertThat(run("status", "-o", "json")).isEqualTo(1);
        assertThat(out()).contains("\"up\" : false");
    }

    @Test
    void downWithoutAFleetHasNothingToDo() {
        assertThat(run("down")).isZero();
        assertThat(err()).contains("no local fleet is up");
    }

    @Test
    void configViewShowsEverySettingWithItsOriginAndNoSecret() throws IOException {
        Path lab = Files.writeString(directory.resolve("lab.yaml"), """
                bootstrap: kafka-lab:9092
                kafka: {sasl.jaas.config: "password=hunter2", client.rack: r1}
                coordinator: {metrics-max-series: 7, limits: /l, http-operator-token-file: /o, http-tls-key: /k,
                  http-viewer-token-file: /v, http-operator-subject: ["CN=a,O=x", "CN=b,O=x"]}
                """);
        Files.createDirectories(directory.resolve("flowlane"));
        Path home = Files.writeString(directory.resolve("flowlane/config.yaml"), """
                bootstrap: kafka-home:9092
                output: json
                """);
        environment.put("FLOWLANE_KAFKA_SSL_KEY_PASSWORD", "hunter3");
        environment.put("FLOWLANE_HTTP_VIEWER_TOKEN", "hunter4");
        environment.put("FLOWLANE_KAFKA_BASIC_AUTH_USER_INFO", "jo:hunter5");
        environment.put("FLOWLANE_KAFKA_SCHEMA_REGISTRY_URL", "http://registry:8081");
        environment.put("FLOWLANE_HOST_DAEMON_MAX_WORKERS", "12");

        assertThat(run("config", "view", "--show-origin", "--config", lab.toString(), "--topic-prefix", "mine", "-o",
                        "table"))
                .as(err())
                .isZero();

        assertThat(out().lines().map(line -> line.strip().replaceAll(" +", " ")))
                .contains(
                        "bootstrap kafka-lab:9092 " + lab + ":1",
                        "topic-prefix mine --topic-prefix",
                        "output json " + home + ":2",
                        "coordinator.http-address 127.0.0.1:9470 default",
                        "coordinator.metrics-max-series 7 " + lab + ":3",
                        "coordinator.limits /l " + lab + ":3",
                        "coordinator.http-viewer-token-file *** FLOWLANE_HTTP_VIEWER_TOKEN",
                        "coordinator.http-operator-token-file /o " + lab + ":3",
                        "coordinator.http-tls-certificate - default",
                        "coordinator.http-tls-key /k " + lab + ":3",
                        "coordinator.http-operator-subject CN=a,O=x;CN=b,O=x " + lab + ":4",
                        "kafka.basic.auth.user.info *** FLOWLANE_KAFKA_BASIC_AUTH_USER_INFO",
                        "kafka.schema.registry.url http://registry:8081 FLOWLANE_KAFKA_SCHEMA_REGISTRY_URL",
                        "host-daemon.host-id - default",
                        "host-daemon.max-workers 12 FLOWLANE_HOST_DAEMON_MAX_WORKERS",
                        "kafka.client.rack r1 " + lab + ":2",
                        "kafka.sasl.jaas.config *** " + lab + ":2",
                        "kafka.ssl.key.password *** FLOWLANE_KAFKA_SSL_KEY_PASSWORD");
        assertThat(out()).doesNotContain("hunter");
        assertThat(run("config", "view")).isZero();
        assertThat(out()).as("the format is a setting, too").startsWith("{").doesNotContain("origin");
    }

    @Test
    void anUnknownKeyInAFileOfSettingsIsWrongUsageButHelpIsToBeHad() throws IOException {
        Path lab = Files.writeString(directory.resolve("lab.yaml"), "bootstap: h:1\n");

        assertThat(run("list", "--config", lab.toString())).isEqualTo(2);
        assertThat(err()).startsWith("error: ").contains(lab + ":1", "did you mean bootstrap?");
        assertThat(err()).doesNotContain("Exception");
        assertThat(run("list", "--config", lab.toString(), "--help")).isZero();
        assertThat(run("list", "--config", "nowhere.yaml")).isEqualTo(2);
        assertThat(err()).contains("there is no file nowhere.yaml");
    }

    @Test
    void theBrokerOfAFileIsTheOneThatIsMeant() throws IOException {
        String address = unusedAddress();
        Files.createDirectories(directory.resolve("flowlane"));
        Files.writeString(directory.resolve("flowlane/config.yaml"), "bootstrap: " + address + "\n");

        assertThat(run("list")).isEqualTo(3);
        assertThat(err()).contains("no Kafka broker answers at " + address);
        assertThat(run("list", "--config", "none")).isEqualTo(3);
        assertThat(err()).contains("no local fleet is up");
    }

    @Test
    void quietSaysNothingButErrors() {
        assertThat(run("down", "-q")).isZero();
        assertThat(err()).isEmpty();
        assertThat(run("list", "-q")).isEqualTo(3);
        assertThat(err()).contains("error: ");
    }

    @Test
    void completionKnowsEveryCommandAndKey() {
        assertThat(run("completion")).isZero();
        assertThat(out()).contains("complete -F _complete_flowlane", "--max-candidates", "describe",
                "request-response");
    }

    @Test
    void versionTellsTheJavaToo() {
        assertThat(run("--version")).isZero();
        assertThat(out()).startsWith("flowlane ").contains("(Java 2");
    }

    private int run(String... arguments) {
        out.reset();
        err.reset();
        InputStream in = new ByteArrayInputStream(standardInput.getBytes(StandardCharsets.UTF_8));
        return FlowlaneMain.run(
                new CliContext(
                        environment,
                        in,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        terminal,
                        terminal,
                        Path.of("flowlane"),
                        Interrupts.none()),
                arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static String unusedAddress() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + socket.getLocalPort();
        }
    }
}
