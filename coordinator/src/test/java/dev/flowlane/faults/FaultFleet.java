package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.HostEventType;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import dev.flowlane.cli.FlowlaneProcess;
import dev.flowlane.coordinator.Checked;
import dev.flowlane.coordinator.Onlooker;
import dev.flowlane.coordinator.wire.RunCommandAvro;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * A broker, a coordinator and the daemons {@code a} and {@code b}, started as a user starts them, to be killed,
 * stopped and starved; and what the topics say of it.
 */
final class FaultFleet implements AutoCloseable {
    static final String BROKER = "broker";
    static final String COORDINATOR = "coordinator";
    static final String A = "a";
    static final String B = "b";

    /** Room for a machine that builds something else at the same time. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** No orderly end is allowed more than two seconds; the rest is for a machine that is kept from its work. */
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(10);

    /** Of an HTTP answer: only one who was stopped does not give any. */
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(20);

    private static final Pattern READY_HTTP = Pattern.compile("\\b(?:ready|starting)\\b.*?\\bhttp=\"?([^\"\\s]+:\\d+)");
    private static final List<String> ALL = List.of(BROKER, COORDINATOR, A, B);

    /** How a service is started: words before the launcher, variables, and its own words. */
    record Service(List<String> prefix, Map<String, String> environment, List<String> arguments) {
        Service with(List<String> newPrefix, Map<String, String> more) {
            return new Service(newPrefix, more, arguments);
        }
    }

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWERED_WITHIN).build();
    private final FleetFiles files;
    private final Path state;
    private final Map<String, Service> services = new LinkedHashMap<>();
    private final Map<String, FlowlaneProcess> processes = new LinkedHashMap<>();
    private final Bus bus;
    private final BusWriter users;
    private final Onlooker onlooker;
    private final String bootstrap;
    private int submitted;

    /** Starts everything. */
    FaultFleet() throws IOException {
        files = FleetFiles.create(BROKER, A);
        state = files.state();
        Path port = state.resolve("port");
        service(BROKER, "broker", "--data-dir", state.resolve(BROKER).toString(), "--port-file", port.toString());
        start(BROKER);
        await("the broker").atMost(PATIENCE).until(() -> {
            assertThat(process(BROKER).handle().isAlive()).as(process(BROKER).err()).isTrue();
            return Files.exists(port);
        });
        String number = Files.readString(port).strip();
        bootstrap = "127.0.0.1:" + number;
        service(BROKER, "broker", "--data-dir", state.resolve(BROKER).toString(), "--port", number);
        bus = new Bus(BusSettings.of(bootstrap, "flowlane"));
        bus.admin().create(1);
        await("the topics").atMost(PATIENCE).until(() -> bus.admin().verify().isEmpty());
        coordinator(COORDINATOR);
        daemon(A);
        daemon(B);
        users = bus.writer("users");
        onlooker = new Onlooker(bus, Topic.FLOW_STATS, Topic.HOST_EVENTS);
        mend();
    }

    /** Names another coordinator; it is not started. */
    void coordinator(String name) {
        service(name, "coordinator", "--bootstrap", bootstrap, "--http-address", "127.0.0.1:0",
                "--state-dir", state.resolve(name).toString());
    }

    private void daemon(String name) {
        service(name, "host-daemon", "--host-id", name, "--data-address", "127.0.0.1", "--warm-workers", "1",
                "--bootstrap", bootstrap, "--http-address", "127.0.0.1:0",
                "--state-dir", state.resolve(name).toString());
    }

    private void service(String name, String... arguments) {
        services.put(name, new Service(List.of(), Map.of(), List.of(arguments)));
    }

    Bus bus() {
        return bus;
    }

    BusWriter users() {
        return users;
    }

    Onlooker onlooker() {
        return onlooker;
    }

    String bootstrap() {
        return bootstrap;
    }

    /** Files of this fleet, and what dead processes left. */
    FleetFiles files() {
        return files;
    }

    FlowlaneProcess process(String name) {
        return Objects.requireNonNull(processes.get(name), name);
    }

    /** Everything it wrote since it was started last. */
    String said(String name) {
        return process(name).out() + process(name).err();
    }

    /** Starts a service; returns at once. */
    void start(String name) {
        start(name, Objects.requireNonNull(services.get(name), name));
    }

    /** Starts a service in another way than usual, once. */
    void start(String name, List<String> prefix, Map<String, String> environment) {
        start(name, Objects.requireNonNull(services.get(name), name).with(prefix, environment));
    }

    private void start(String name, Service service) {
        processes.put(name, FlowlaneProcess.startBy(service.prefix(), state.resolve("log-" + name),
                service.environment(), service.arguments().toArray(String[]::new)));
    }

    /** As {@code kill -9}. */
    void kill(String name) {
        process(name).close();
    }

    void signal(String name, String signal) throws IOException, InterruptedException {
        process(name).signal(signal);
    }

    /** Sends SIGTERM; how long the end took. Fails unless it ends in time and with that code. */
    Duration terminate(String name, int exitCode) throws IOException, InterruptedException {
        long beganNs = System.nanoTime();
        signal(name, "TERM");
        process(name).handle().onExit().orTimeout(60, TimeUnit.SECONDS).join();
        Duration took = Duration.ofNanos(System.nanoTime() - beganNs);
        assertThat(process(name).await().exitCode()).as(said(name)).isEqualTo(exitCode);
        assertThat(took).as("the end of %s", name).isLessThan(ENDED_WITHIN);
        return took;
    }

    /** Starts what does not run, wakes what was stopped, and waits until everything is as after a start. */
    void mend() {
        for (String name : ALL) {
            FlowlaneProcess process = processes.get(name);
            if (process == null || !process.handle().isAlive()) {
                start(name);
            } else {
                Signals.send("CONT", process.handle().pid());
            }
        }
        for (String name : List.of(COORDINATOR, A, B)) {
            await(name).atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).untilAsserted(() ->
                    assertThat(status(name, "/readyz")).as(said(name)).isEqualTo(200));
        }
        for (String name : List.of(A, B)) {
            await(name).atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).ignoreExceptionsInstanceOf(
                    IOException.class).untilAsserted(() -> {
                JsonNode host = json(COORDINATOR, "/hosts/" + name);
                assertThat(host.path("liveness").textValue()).as(said(name)).isEqualTo("ONLINE");
                assertThat(host.path("live_run_ids")).as("%s", host).isEmpty();
                assertThat(host.path("warm_workers").intValue()).as("%s", host).isPositive();
            });
        }
    }

    /** How every test ends: the invariants hold, and nothing is left that nobody answers for. */
    void check() {
        for (FlowlaneProcess process : processes.values()) {
            if (process.handle().isAlive()) {
                Signals.send("CONT", process.handle().pid());
            }
        }
        if (!process(BROKER).handle().isAlive()) {
            start(BROKER);
            bus.admin().waitUntilReachable(PATIENCE);
        }
        Checked.invariantsHold(bus);
        await("workers without a daemon to end").atMost(PATIENCE)
                .untilAsserted(() -> assertThat(files.orphans()).isEmpty());
        await("unpacked libraries to be taken away").atMost(PATIENCE)
                .untilAsserted(() -> assertThat(files.unpackedLibraries()).isEmpty());
    }

    /**
     * Asks for a run from a to b, or as the spec says.
     *
     * @param spec YAML; sources and destinations may be left out
     * @return the id of the run
     */
    String submit(String spec) {
        String runId = "run-" + ++submitted;
        submit(runId, spec);
        return runId;
    }

    void submit(String runId, String spec) {
        users.send(Topic.COMMANDS, runId, RunCommandAvro.submit("c-" + runId, runId, "tests", spec(spec), null))
                .join();
    }

    static RunSpec spec(String text) {
        String whole = text.contains("sources:") ? text : "sources: [a]\ndestinations: [b]\n" + text;
        return switch (SpecParser.parse(whole)) {
            case SpecResult.Parsed(_, var spec) -> spec;
            case SpecResult.Invalid(var problems) -> throw new IllegalArgumentException(problems.toString());
        };
    }

    /** A run of a stream that has begun and whose ends have both reported so many intervals. */
    String running(String spec, int intervals) {
        String runId = submit(spec);
        awaitIntervals(runId, FlowRole.SOURCE, intervals);
        awaitIntervals(runId, FlowRole.DESTINATION, intervals);
        return runId;
    }

    List<FlowStats> awaitIntervals(String runId, FlowRole role, int count) {
        return onlooker.await(count + " intervals of " + runId + " " + role, PATIENCE, count, Topic.FLOW_STATS,
                interval -> interval.getRunId().equals(runId) && interval.getFlowRole() == role);
    }

    RunResult result(String runId) {
        return onlooker.await("the result of " + runId, PATIENCE, 1, Topic.RUN_RESULTS,
                result -> result.getRunId().equals(runId)).getFirst();
    }

    /** The result, which must be one of a run that was measured in full. */
    RunResult completed(String runId) {
        RunResult result = result(runId);
        assertThat(result.getState()).as("%s%n%s", result.getReasons(), warnings())
                .isEqualTo(RunStateName.COMPLETED);
        assertThat(result.getReceivedBytes()).isPositive().isEqualTo(result.getSentBytes());
        return result;
    }

    /**
     * The state that a run was in at a time, as users were told; to be asked when the run has ended. The coordinator's
     * clock is this machine's.
     */
    RunStateName stateAt(String runId, Instant time) {
        return onlooker.seen(Topic.RUN_EVENTS, event -> event.getRunId().equals(runId)
                        && event.getEventType() == RunEventType.STATE && !event.getEventTime().isAfter(time))
                .stream().map(RunEvent::getState).reduce(RunStateName.UNKNOWN, (_, later) -> later);
    }

    /** What the services complained of, for the message of a test that failed. */
    String warnings() {
        return processes.keySet().stream()
                .flatMap(name -> said(name).lines()
                        .filter(line -> line.contains("WARN") || line.contains("ERROR"))
                        .map(line -> name + ": " + line))
                .collect(Collectors.joining("\n"));
    }

    void cancel(String runId) {
        users.send(Topic.COMMANDS, runId, RunCommandAvro.cancel("cancel-" + runId, runId, "tests", null, null)).join();
    }

    /** What a daemon says of a run. */
    List<HostEvent> events(String host, String runId, HostEventType type) {
        return onlooker.await(type + " of " + host + " for " + runId, PATIENCE, 1, Topic.HOST_EVENTS,
                event -> event.getHostId().equals(host) && event.getEventType() == type
                        && runId.equals(event.getRunId()));
    }

    /** The worker of a host's only flow end of a run. */
    long worker(String host, String runId) {
        return events(host, runId, HostEventType.READY).getLast().getReady().getFirst().getWorkerPid();
    }

    /** The thread that drives it. */
    long flowThread(String host, String runId) {
        return events(host, runId, HostEventType.READY).getLast().getReady().getFirst().getThreadId();
    }

    /** Where a service listens for HTTP. */
    String address(String name) {
        Matcher matcher = READY_HTTP.matcher(said(name));
        assertThat(matcher.find()).as(said(name)).isTrue();
        return matcher.group(1);
    }

    /** Status of an HTTP answer; 0: there is none. */
    int status(String name, String path) {
        try {
            return READY_HTTP.matcher(said(name)).find() ? get(name, path).statusCode() : 0;
        } catch (IOException e) {
            return 0; // Nobody listens, it is stopped, or it has ended meanwhile.
        }
    }

    JsonNode json(String name, String path) throws IOException {
        return new ObjectMapper().readTree(get(name, path).body());
    }

    HttpResponse<String> get(String name, String path) throws IOException {
        URI uri = URI.create("http://" + address(name) + path);
        try {
            return http.send(HttpRequest.newBuilder(uri).timeout(ANSWERED_WITHIN).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A figure among a service's metrics. */
    double metric(String name, String series) throws IOException {
        return get(name, "/metrics").body().lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** Port of a daemon's data listener. */
    int dataPort(String host) throws IOException {
        return StreamSupport.stream(json(COORDINATOR, "/hosts/" + host).path("data_addresses").spliterator(), false)
                .findFirst().orElseThrow().path("port").intValue();
    }

    /** Runs a command of the command line against this fleet. */
    FlowlaneProcess flowlane(String... arguments) {
        return FlowlaneProcess.start(
                state.resolve("cli"), Map.of("FLOWLANE_KAFKA_BOOTSTRAP_SERVERS", bootstrap), arguments);
    }

    @Override
    public void close() throws IOException {
        users.close(Duration.ZERO);
        onlooker.close();
        List<FlowlaneProcess> backwards = new ArrayList<>(processes.values()).reversed();
        backwards.forEach(FlowlaneProcess::close);
        files.close();
    }
}
