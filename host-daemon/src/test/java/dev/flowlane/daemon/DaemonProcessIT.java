package dev.flowlane.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The daemon as a process, without any Kafka: how it starts, what it refuses, how it ends. */
class DaemonProcessIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** The user and the group that own nothing. */
    private static final int NOBODY = 65_534;

    /** Connects to the socket it is given and says what came of it; waits longer than any test does. */
    private static final String STRANGER =
            """
            import errno, socket, sys
            end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            end.settimeout(60)
            try:
                end.connect(sys.argv[1])
                print(end.recv(64).decode() or "closed")
            except TimeoutError:
                print("held")
            except OSError as failure:
                print("closed" if failure.errno == errno.ECONNRESET else errno.errorcode[failure.errno])
            """;

    private static final Pattern READY = Pattern.compile("\\bready http=(\\S+:\\d+)");

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();
    private final List<ProcessHandle> descendants = new ArrayList<>();

    /** Waits for all: one that makes the workers' AOT cache goes on without its daemon, and writes into the folder. */
    @AfterEach
    void end() throws InterruptedException {
        for (Process process : processes) {
            descendants.addAll(process.descendants().toList());
            process.destroyForcibly().waitFor();
        }
        for (ProcessHandle descendant : List.copyOf(descendants)) {
            descendants.addAll(descendant.descendants().toList());
        }
        descendants.forEach(ProcessHandle::destroyForcibly);
        await().atMost(SOON).until(() -> descendants.stream().allMatch(DaemonProcessIT::hasEnded));
    }

    static Stream<Arguments> badOptions() {
        return Stream.of(
                Arguments.of(2, "--host-id", List.of("--data-address", "127.0.0.1")),
                Arguments.of(2, "--data-address", List.of("--host-id", "a")),
                Arguments.of(2, "allowed are 1 to 63", List.of("--host-id", "a b", "--data-address", "127.0.0.1")),
                Arguments.of(2, "is not ADDR[:PORT]", with("--data-address", "here")),
                Arguments.of(2, "no port", with("--data-address", "127.0.0.1:99999")),
                Arguments.of(2, "--warm-workers", with("--warm-workers", "-1")),
                Arguments.of(2, "--warm-workers", with("--warm-workers", "many")),
                Arguments.of(2, "is not HOST:PORT", with("--http-address", "here")),
                Arguments.of(2, "--no-such", with("--no-such", "x")),
                Arguments.of(2, "FLOWLANE_KAFKA_BOOTSTRAP_SERVERS",
                        List.of("--host-id", "a", "--data-address", "127.0.0.1")),
                Arguments.of(2, "topic.prefix", with("--topic-prefix", "a/b")),
                Arguments.of(3, "198.51.100.7", with("--data-address", "198.51.100.7")),
                Arguments.of(3, "--bootstrap", with("--bootstrap", "no-such-host.invalid:9092")),
                Arguments.of(3, "--state-dir", with("--state-dir", "/proc/nowhere")));
    }

    @ParameterizedTest(name = "{2}: exit code {0}")
    @MethodSource("badOptions")
    void aBadOptionIsOneMessageAndTheRightExitCode(int exitCode, String named, List<String> options) throws Exception {
        Process process = start(options);

        assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

        String said = errors(process);
        assertThat(process.exitValue()).as(said).isEqualTo(exitCode);
        assertThat(said.lines().filter(line -> line.startsWith("flowlane host-daemon: "))).hasSize(1);
        assertThat(said).contains(named).doesNotContain("\tat ");
    }

    @Test
    void aTakenHttpPortIsOneMessage() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process process = start(with("--http-address", "127.0.0.1:" + taken.getLocalPort()));

            assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

            assertThat(process.exitValue()).isEqualTo(3);
            assertThat(errors(process)).contains("cannot listen on --http-address").doesNotContain("\tat ");
        }
    }

    @Test
    void aSecondDaemonOfTheSameNameIsRefused() throws Exception {
        Process first = start(with());
        address(first);

        Process second = start(with());

        assertThat(second.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(3);
        assertThat(errors(second)).contains("another daemon on this machine is host a");
    }

    @Test
    void withoutKafkaItLivesAndSaysWhyItIsNotReady() throws Exception {
        Process process = start(with());
        String http = address(process);

        assertThat(get(http, "/livez").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get(http, "/readyz?verbose");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("[+] data plane", "[-] commands", "[-] events", "workers");
        HttpResponse<String> others = get(http, "/readyz?exclude=workers&exclude=events");
        assertThat(others.statusCode()).isEqualTo(503);
        assertThat(others.body()).contains("[-] commands").doesNotContain("workers", "events");
        assertThat(get(http, "/readyz?exclude=workers&exclude=events&exclude=commands").statusCode())
                .isEqualTo(200);
        assertThat(get(http, "/version").body()).contains("host-daemon");
        assertThat(get(http, "/metrics").body())
                .contains(
                        "flowlane_workers{host=\"a\",state=\"idle\"}",
                        "flowlane_daemon_ready{host=\"a\"} 0.0",
                        "flowlane_daemon_last_acknowledged_time_seconds{host=\"a\"} 0.0",
                        "flowlane_series_dropped_total 0.0");
        assertThat(get(http, "/nowhere").statusCode()).isEqualTo(404);
    }

    @Test
    void sigtermEndsItInOrderWithItsWorkers() throws Exception {
        Process process = start(with("--warm-workers", "1"));
        ProcessHandle worker = warmWorker(process);

        long startNs = System.nanoTime();
        // By its handle, as destroying the process closes its standard input, which would end it, too.
        process.toHandle().destroy();

        assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        // Less than 2 s, and what a busy machine adds; a client of Kafka that waited for its broker would take 30.
        assertThat(System.nanoTime() - startNs).isLessThan(Duration.ofSeconds(15).toNanos());
        assertThat(process.exitValue()).isZero();
        // It has been killed by then; whose parent has gone is asked how it ended by whoever inherits it.
        await().atMost(SOON).until(() -> hasEnded(worker));
        assertThat(directory.resolve("host-a")).isDirectoryNotContaining("glob:**workers-*");
    }

    /** Of its own user, as this test is: others do not get into the folder. */
    @Test
    void aProcessThatIsNoWorkerIsToldNothingAndTakesNoRoom() throws Exception {
        Process process = start(with("--warm-workers", "1"));
        warmWorker(process);
        Path folder = workerFolder();
        assertThat(Files.getPosixFilePermissions(folder)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        Path socket = folder.resolve("workers.sock");
        long before = endsAt(socket);

        for (int i = 0; i < 100; i++) {
            int stranger = UnixSeqpacket.connect(socket);
            Sockets.setBlocking(stranger, false);
            assertThat(UnixSeqpacket.receive(stranger, Arena.ofAuto().allocate(64)).length())
                    .isNotPositive();
            Sockets.close(stranger);
        }

        // The last one is held, in case that process turns out to be a worker.
        await().atMost(SOON).until(() -> endsAt(socket) <= before + 1);
        assertThat(get(address(process), "/metrics").body())
                .contains("flowlane_workers{host=\"a\",state=\"idle\"} 1.0");
    }

    /** The permissions that keep other users out are taken away for it: what the socket itself does is left. */
    @Test
    void aProcessOfAnotherUserIsTurnedAwayAndThePoolGoesOn() throws Exception {
        assumeTrue(Files.getAttribute(directory, "unix:uid").equals(0), "to be another user takes root");
        assumeTrue(
                Stream.of("/usr/bin/setpriv", "/usr/bin/python3").allMatch(tool -> Files.isExecutable(Path.of(tool))),
                "setpriv or python3 is missing (Debian: apt-get install util-linux python3)");
        Process process = start(with("--warm-workers", "1"));
        ProcessHandle worker = warmWorker(process);
        Path folder = workerFolder();
        Path socket = folder.resolve("workers.sock");
        assertThat(answerTo(NOBODY, socket)).as("with the permissions as they are").isEqualTo("EACCES");
        for (Path opened : List.of(directory, directory.resolve("host-a"), folder)) {
            Files.setPosixFilePermissions(opened, PosixFilePermissions.fromString("rwx--x--x"));
        }
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
        long before = endsAt(socket);

        for (int i = 0; i < 3; i++) {
            assertThat(answerTo(NOBODY, socket)).isEqualTo("closed");
        }

        await().atMost(SOON).until(() -> endsAt(socket) == before);
        assertThat(errors(process).lines()
                        .filter(line -> line.contains("turned away a process that is no worker")))
                .hasSize(3)
                .allMatch(line -> Pattern.compile("\\buid=\"?" + NOBODY + "\\b").matcher(line).find());
        assertThat(worker.isAlive()).isTrue();
        worker.destroyForcibly();
        await().atMost(SOON).until(() -> !worker.isAlive());
        assertThat(warmWorker(process).pid()).isNotEqualTo(worker.pid());
    }

    /** What a process of a user comes to that connects to a socket and waits for a word. */
    private static String answerTo(int uid, Path socket) throws IOException, InterruptedException {
        Process stranger = new ProcessBuilder(
                        "setpriv", "--reuid=" + uid, "--clear-groups", "/usr/bin/python3", "-c", STRANGER,
                        socket.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(stranger.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(stranger.waitFor()).as(said).isZero();
        return said;
    }

    private Path workerFolder() throws IOException {
        try (Stream<Path> folders = Files.list(directory.resolve("host-a"))) {
            return folders.filter(path -> path.getFileName().toString().startsWith("workers-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** How many sockets the kernel knows by this path: the one that listens, and the accepted ones (unix(7)). */
    private static long endsAt(Path socket) throws IOException {
        try (Stream<String> sockets = Files.lines(Path.of("/proc/net/unix"))) {
            return sockets.filter(line -> line.endsWith(" " + socket)).count();
        }
    }

    @Test
    void theEndOfStandardInputEndsIt() throws Exception {
        Process process = start(with());
        address(process);

        process.getOutputStream().close();

        assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void sigintEndsItWith130() throws Exception {
        Process process = start(with());
        address(process);

        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();

        assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
    }

    /** At once, as the kernel does it; the bound is for what a busy machine adds. */
    @Test
    void kill9OfTheDaemonEndsItsWorkers() throws Exception {
        Process process = start(with("--warm-workers", "1"));
        ProcessHandle worker = warmWorker(process);
        descendants.addAll(process.descendants().toList());

        process.destroyForcibly();

        await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofSeconds(10)).until(() -> hasEnded(worker));
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

    /**
     * Its worker, once it is warm. One whose JVM is still starting has not asked for PR_SET_PDEATHSIG yet: it ends when
     * it finds nobody to connect to, which takes as long as the machine takes to start a JVM.
     */
    private ProcessHandle warmWorker(Process daemon) throws IOException {
        String http = address(daemon);
        // Both: of a worker that was killed the daemon hears a moment after the kernel forgot it.
        return await().atMost(SOON)
                .until(
                        () -> get(http, "/metrics").body()
                                        .contains("flowlane_workers{host=\"a\",state=\"idle\"} 1.0")
                                ? worker(daemon)
                                : Optional.<ProcessHandle>empty(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** What makes the AOT cache has the same main class, and no socket. */
    private static Optional<ProcessHandle> worker(Process daemon) {
        return daemon.children()
                .filter(child -> child.info().commandLine().orElse("").endsWith("/workers.sock"))
                .findFirst();
    }

    private static List<String> with(String... more) {
        List<String> options = new ArrayList<>(List.of("--host-id", "a"));
        List<String> given = List.of(more);
        if (!given.contains("--data-address")) {
            options.addAll(List.of("--data-address", "127.0.0.1"));
        }
        if (!given.contains("--bootstrap")) {
            options.addAll(List.of("--bootstrap", "127.0.0.1:1"));
        }
        if (!given.contains("--warm-workers")) {
            options.addAll(List.of("--warm-workers", "0"));
        }
        options.addAll(given);
        return options;
    }

    private Process start(List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                // Whoever is started in the background by a script ignores it, and a JVM leaves it at that.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx96m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                HostDaemonMain.class.getName()));
        command.addAll(options);
        // It ends with this test, even with one that is killed: the kernel closes the other end of the pipe.
        command.add("--exit-with-stdin");
        if (!options.contains("--state-dir")) {
            command.addAll(List.of("--state-dir", directory.toString()));
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOWLANE_"));
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(log(processes.size()).toFile());
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private Path log(int number) {
        return directory.resolve("daemon-" + number + ".log");
    }

    private String errors(Process process) throws IOException {
        return Files.readString(log(processes.indexOf(process)));
    }

    private String address(Process process) throws IOException {
        await().atMost(SOON).until(() -> READY.matcher(errors(process)).find() || !process.isAlive());
        Matcher ready = READY.matcher(errors(process));
        assertThat(ready.find()).as(errors(process)).isTrue();
        return ready.group(1);
    }

    private static HttpResponse<String> get(String address, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://" + address + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
