package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The launcher in a checkout of its own, with a Maven and a JDK that only tell what they were asked. */
final class LauncherTest {
    private static final List<String> MODULES =
            List.of("schemas", "worker", "host-daemon", "coordinator/broker", "coordinator");
    private static final Instant WRITTEN = Instant.parse("2020-11-21T10:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory = Path.of(".");

    private Path checkout = Path.of(".");
    private Path jdk = Path.of(".");

    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void layOut() throws IOException {
        checkout = Files.createDirectories(directory.resolve("checkout"));
        Files.copy(launcher(), checkout.resolve("flowlane"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        for (String module : MODULES) {
            Path folder = Files.createDirectories(checkout.resolve(module));
            Files.writeString(folder.resolve("pom.xml"), "<project/>");
            Files.writeString(Files.createDirectories(folder.resolve("src/main")).resolve("A.java"), "class A {}");
        }
        makeEverythingOld(checkout);
        for (String module : MODULES) {
            Path target = Files.createDirectories(checkout.resolve(module).resolve("target"));
            Path jar = Files.writeString(target.resolve("flowlane-" + Path.of(module).getFileName() + ".jar"), "jar");
            // Older than what a test writes next, for certain: the clock of files stands still for some milliseconds.
            Files.setLastModifiedTime(jar, FileTime.from(WRITTEN.plusSeconds(60)));
            Files.writeString(Files.createDirectories(target.resolve("lib")).resolve("library.jar"), "jar");
        }
        jdk = jdk("25.0.3", "echo jdk \"$@\"");
        script(directory.resolve("bin/mvn"), """
                echo "mvn $*" >> "$CALLS"
                echo "[INFO] Building Flowlane schemas 0.1.0                    [2/6]"
                if [[ -n ${MVN_HANGS:-} ]]; then echo $$ > "$MVN_HANGS"; exec sleep 600; fi
                if [[ -n ${MVN_FAILS:-} ]]; then echo "[ERROR] does not compile"; exit 1; fi
                for module in %s; do
                  [[ ! -e $module/target/lib ]] || echo "lib of $module was left" >> "$CALLS"
                  mkdir -p $module/target/lib
                  echo jar > $module/target/lib/library.jar
                  echo jar > $module/target/flowlane-${module##*/}.jar
                done
                """.formatted(String.join(" ", MODULES)));
    }

    @Test
    void isGoodBash() throws Exception {
        Process process = new ProcessBuilder("bash", "-n", launcher().toString()).inheritIO().start();

        assertThat(process.waitFor()).isZero();
    }

    @Test
    void becomesTheCommandLineWithAllJarsAndArguments() throws Exception {
        Outcome outcome = launch(Map.of(), "get", "a b", "$x");

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out())
                .contains("-cp " + checkout + "/coordinator/target/flowlane-coordinator.jar:" + checkout
                        + "/coordinator/target/lib/library.jar dev.flowlane.cli.FlowlaneMain get a b $x")
                .contains("-Dflowlane.launcher=" + checkout.resolve("flowlane"));
        assertThat(calls()).isEmpty();
    }

    @Test
    void becomesAService() throws Exception {
        assertThat(launch(Map.of(), "coordinator", "--help").out())
                .contains("dev.flowlane.coordinator.CoordinatorMain --help");
        assertThat(launch(Map.of(), "host-daemon", "--host-id", "x").out())
                .contains(checkout + "/host-daemon/target/flowlane-host-daemon.jar:")
                .contains("dev.flowlane.daemon.HostDaemonMain --host-id x");
        assertThat(launch(Map.of(), "broker").out()).contains("dev.flowlane.broker.BrokerMain");
    }

    @Test
    void worksThroughSymbolicLinksFromAnywhere() throws Exception {
        Path one = Files.createSymbolicLink(directory.resolve("one"), checkout.resolve("flowlane"));
        Path two = Files.createSymbolicLink(directory.resolve("two"), one);

        assertThat(launch(two, Map.of(), "list").out())
                .contains(checkout + "/coordinator/target/flowlane-coordinator.jar");
    }

    @Test
    void aChangedSourceIsBuiltOnce() throws Exception {
        Files.writeString(checkout.resolve("worker/src/main/A.java"), "class A { int x; }");

        Outcome first = launch(Map.of(), "list");
        assertThat(first.err()).contains("building", "[2/6] Flowlane schemas");
        assertThat(first.out()).contains("FlowlaneMain list").doesNotContain("Building");
        assertThat(launch(Map.of(), "list").err()).isEmpty();
        assertThat(calls()).hasSize(1).first().asString().contains("package").doesNotContain("clean");
    }

    @Test
    void jarsBuiltByHandAreTaken() throws Exception {
        launch(Map.of(), "list");
        Files.writeString(checkout.resolve("worker/src/main/A.java"), "class A { int x; }");
        for (String module : MODULES) {
            touch(checkout.resolve(module).resolve("target/flowlane-" + Path.of(module).getFileName() + ".jar"));
        }

        launch(Map.of(), "list");
        assertThat(calls()).isEmpty();
    }

    @Test
    void aChangedPomIsBuiltOnce() throws Exception {
        Files.writeString(checkout.resolve("pom.xml"), "<project></project>");

        launch(Map.of(), "list");
        launch(Map.of(), "list");
        assertThat(calls()).hasSize(1);
    }

    @Test
    void aKilledLauncherLeavesNoBuildBehind() throws Exception {
        Files.delete(checkout.resolve("host-daemon/target/flowlane-host-daemon.jar"));
        Path pid = directory.resolve("pid");
        Process launcher = start(checkout.resolve("flowlane"), Map.of("MVN_HANGS", pid.toString()), "list");
        await().atMost(SOON).until(() -> Files.exists(pid) && !Files.readString(pid).isBlank());
        ProcessHandle build = ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();

        launcher.destroyForcibly();

        await().atMost(SOON).until(() -> hasEnded(build));
        assertThat(launch(Map.of(), "list").out()).contains("FlowlaneMain list");
    }

    /** Also while whoever has inherited it has not asked yet how it ended: some take their time (proc(5), state Z). */
    private static boolean hasEnded(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return !process.isAlive();
        }
    }

    @Test
    void aMissingJarIsBuilt() throws Exception {
        Files.delete(checkout.resolve("host-daemon/target/flowlane-host-daemon.jar"));

        launch(Map.of(), "list");
        launch(Map.of(), "list");
        assertThat(calls()).hasSize(1);
    }

    @Test
    void aRemovedSourceIsSeen() throws Exception {
        Files.delete(checkout.resolve("schemas/src/main/A.java"));

        launch(Map.of(), "list");
        assertThat(calls()).hasSize(1);
    }

    @Test
    void testsAreNoReasonToBuild() throws Exception {
        Files.writeString(
                Files.createDirectories(checkout.resolve("worker/src/test")).resolve("ATest.java"), "class ATest {}");

        launch(Map.of(), "list");
        assertThat(calls()).isEmpty();
    }

    @Test
    void aBuildThatFailsShowsItsErrorsAndKeepsItsLog() throws Exception {
        Files.delete(checkout.resolve("worker/target/flowlane-worker.jar"));

        Outcome outcome = launch(Map.of("MVN_FAILS", "yes"), "list");
        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains("[ERROR] does not compile", "flowlane-build.log");
        assertThat(checkout.resolve("target/flowlane-build.log")).content().contains("does not compile");
    }

    @Test
    void withoutMavenItSaysWhatToInstall() throws Exception {
        Files.delete(checkout.resolve("worker/target/flowlane-worker.jar"));
        Files.delete(directory.resolve("bin/mvn"));

        Outcome outcome = launch(Map.of("PATH", toolsWithoutMaven()), "list");
        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.err()).contains("no mvn on the PATH", "apt-get install maven");
    }

    @Test
    void anOldJavaHomeIsPassedOver() throws Exception {
        Path old = jdk("17.0.15", "echo old");

        Outcome outcome = launch(Map.of("JAVA_HOME", old.toString()), "list");
        // Whatever this machine has: never the old one.
        assertThat(outcome.out()).doesNotContain("old");
    }

    @Test
    void twoCallsDoNotBuildAtOnce() throws Exception {
        Files.writeString(checkout.resolve("worker/src/main/A.java"), "class A { int x; }");

        Process one = start(checkout.resolve("flowlane"), Map.of(), "list");
        Process two = start(checkout.resolve("flowlane"), Map.of(), "list");
        assertThat(one.waitFor()).isZero();
        assertThat(two.waitFor()).isZero();
        assertThat(calls()).hasSize(1);
    }

    @Test
    void aTrainingRunWritesItsCacheWhereItIsTold() throws Exception {
        assertThat(launch(Map.of("FLOWLANE_AOT_OUTPUT", "/caches"), "broker").out())
                .contains("-XX:AOTCacheOutput=/caches/broker.aot");
    }

    @Test
    void theFirstRunTrainsOncePerBuild() throws Exception {
        Map<String, String> training = Map.of("FLOWLANE_AOT", "train");

        // The JDK of this test makes no caches: that is tolerated, and not tried again.
        assertThat(launch(training, "run").err()).contains("preparing a fast start");
        assertThat(launch(training, "run").err()).isEmpty();
        Files.writeString(checkout.resolve("worker/target/flowlane-worker.jar"), "another jar");
        assertThat(launch(training, "status").err()).isEmpty();
        assertThat(launch(training, "run").err()).contains("preparing a fast start");
    }

    @Test
    void aCacheIsUsedOnlyWithTheJarsItWasMadeFrom() throws Exception {
        jdk("25.0.3", """
                for option in "$@"; do
                  [[ $option == -XX:AOTCacheOutput=* ]] && echo cache > "${option#*=}"
                done
                echo jdk "$@"
                """);
        Map<String, String> training = Map.of("FLOWLANE_AOT", "train");

        assertThat(launch(training, "run").out()).contains("-XX:AOTCache=" + directory.resolve("aot"), "/cli.aot ");
        assertThat(launch(Map.of("FLOWLANE_AOT", "use"), "list").out()).contains("/cli.aot ");
        assertThat(launch(Map.of("FLOWLANE_AOT", "off"), "list").out()).doesNotContain("AOTCache");
        Files.writeString(checkout.resolve("worker/target/flowlane-worker.jar"), "another jar");
        assertThat(launch(Map.of("FLOWLANE_AOT", "use"), "list").out()).doesNotContain("AOTCache");
    }

    @Test
    void javaOptionsOfTheUserAreTaken() throws Exception {
        assertThat(launch(Map.of("FLOWLANE_JAVA_OPTIONS", "-Dx=1 -Dy=2"), "list").out()).contains(" -Dx=1 -Dy=2 -cp ");
    }

    /** Data for a script, progress for a person: either may be on the terminal alone. */
    @Test
    void theTerminalsWidthIsToldWhicheverStreamIsOnIt() throws Exception {
        Path terminal = Path.of("/usr/bin/script");
        Assumptions.assumeTrue(Files.isExecutable(terminal), "no script (Debian: bsdutils), which makes a terminal");
        jdk = jdk("25.0.3", "echo \"columns: ${COLUMNS:-not told}\"");
        String size = "unset COLUMNS; stty cols 72 rows 20; ";
        String list = checkout.resolve("flowlane") + " list";

        assertThat(launch(terminal, Map.of(), "-qec", size + list, "/dev/null").out()).contains("columns: 72");
        assertThat(launch(terminal, Map.of(), "-qec", size + list + " | cat", "/dev/null").out())
                .contains("columns: 72");
        assertThat(launch(terminal, Map.of(), "-qec", size + "COLUMNS=50 " + list, "/dev/null").out())
                .contains("columns: 50");
        assertThat(launch(Map.of("COLUMNS", ""), "list").out()).contains("columns: not told");
    }

    private Outcome launch(Map<String, String> environment, String... arguments) throws Exception {
        return launch(checkout.resolve("flowlane"), environment, arguments);
    }

    private Outcome launch(Path script, Map<String, String> environment, String... arguments) throws Exception {
        Process process = start(script, environment, arguments);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), out, err);
    }

    private Process start(Path script, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOWLANE_"));
        builder.environment().put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().put("FLOWLANE_AOT", "off");
        builder.environment().put("FLOWLANE_AOT_DIR", directory.resolve("aot").toString());
        builder.environment().put("CALLS", directory.resolve("calls").toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private List<String> calls() throws IOException {
        Path calls = directory.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    private Path jdk(String version, String body) throws IOException {
        Path home = Files.createDirectories(directory.resolve("jdk-" + version));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/java"), body + "\n");
        script(home.resolve("bin/javac"), "exit 1\n");
        return home;
    }

    /** A directory with the few tools that the launcher needs. */
    private String toolsWithoutMaven() throws IOException {
        Path tools = Files.createDirectories(directory.resolve("tools"));
        for (String tool : List.of("bash", "readlink", "find", "stat", "cksum", "mkdir", "flock")) {
            Path usr = Path.of("/usr/bin", tool);
            Files.createSymbolicLink(tools.resolve(tool), Files.exists(usr) ? usr : Path.of("/bin", tool));
        }
        return tools.toString();
    }

    private static void script(Path path, String body) throws IOException {
        Files.createDirectories(path.resolveSibling("."));
        Files.writeString(path, "#!/usr/bin/env bash\n" + body);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void makeEverythingOld(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (Path path : all.toList()) {
                Files.setLastModifiedTime(path, FileTime.from(WRITTEN));
            }
        }
    }

    private static void touch(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(1)));
    }

    /** The launcher of this checkout: tests run in the module's folder. */
    static Path launcher() {
        return Path.of("..", "flowlane").toAbsolutePath().normalize();
    }
}
