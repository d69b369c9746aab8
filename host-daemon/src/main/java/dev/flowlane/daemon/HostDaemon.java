package dev.flowlane.daemon;

import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import dev.flowlane.bus.WriterProfile;
import dev.flowlane.daemon.inventory.EnvironmentReader;
import dev.flowlane.daemon.inventory.FeatureReader;
import dev.flowlane.daemon.inventory.Machine;
import dev.flowlane.daemon.inventory.NicReader;
import dev.flowlane.daemon.inventory.SteeringLookup;
import dev.flowlane.daemon.machine.HostLimits;
import dev.flowlane.daemon.machine.HostState;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.plane.DataPlane;
import dev.flowlane.daemon.telemetry.FlowFigures;
import dev.flowlane.daemon.telemetry.Telemetry;
import dev.flowlane.daemon.workers.WorkerLaunch;
import dev.flowlane.daemon.workers.WorkerProcesses;
import dev.flowlane.posix.PosixException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One running daemon: everything it consists of, put together here from top to bottom. */
final class HostDaemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostDaemon.class);

    /** More descriptors than any search for receive CPUs needs, fewer than a process may have. */
    private static final int CANDIDATES_MAX = 4096;

    /** Much longer than it takes: only a machine that is starved of CPU comes near it. */
    private static final long HTTP_START_SECONDS = 60;
    private static final Duration REGISTRY_START = Duration.ofSeconds(30);
    private static final Duration BLOCKED_BOUND = Duration.ofSeconds(10);
    private static final Duration HEARTBEAT_FRESH = Duration.ofSeconds(5);
    private static final Duration WRITER_CLOSE_BOUND = Duration.ofMillis(300);
    private static final long HTTP_STOP_MS = 300;
    private static final long LEARN_PAUSE_MS = 500;
    private static final Topic<?>[] TELEMETRY_TOPICS = {
        Topic.FLOW_STATS, Topic.TCP_STATS, Topic.CPU_PLACEMENT, Topic.CPU_USE, Topic.LATENCY
    };

    private final StateDirectory stateDirectory;
    private final Vertx vertx;
    private final MachineLoop loop;
    private final DataPlane plane;
    private final WorkerProcesses workers;
    private final CommandReader commands;
    private final EventWriter events;
    private final Telemetry telemetry;
    private final BusWriter telemetryWriter;
    private final InstantSource clock = InstantSource.system();
    private final BrokerClock brokerClock = new BrokerClock(clock, System::nanoTime);
    private final DaemonMetrics metrics;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final String version;
    private final DaemonMetrics.Sources sources;

    private HostDaemon(DaemonOptions options, BusSettings busSettings, List<InetSocketAddress> data, Path stateRoot,
            Map<String, String> environment, String version) {
        this.version = version;
        stateDirectory = StateDirectory.open(stateRoot, options.hostId, environment);
        // What takes longest to load goes first, each on a thread of its own.
        CompletableFuture<Vertx> vertxLoading = CompletableFuture.supplyAsync(HostDaemon::openVertx);
        Bus bus = new Bus(busSettings);
        waitForSchemas(bus);
        String clientId = "host-daemon-" + options.hostId + "-telemetry";
        CompletableFuture<BusWriter> writerLoading =
                CompletableFuture.supplyAsync(() -> bus.writer(clientId, WriterProfile.TELEMETRY));

        Machine machine = Machine.read(Path.of("/"));
        WorkerLaunch launch = launch(machine);
        SteeringLookup planeSteering = new SteeringLookup(Path.of("/"), System::nanoTime);
        vertx = vertxLoading.join();
        Context context = vertx.getOrCreateContext();
        HostLimits limits =
                new HostLimits(machine.allowed(), options.warmWorkers, options.maxWorkers, CANDIDATES_MAX);
        String machineId = options.machineId == null ? machineId(machine) : options.machineId;
        FlowFigures figures = new FlowFigures(
                options.hostId,
                machineId,
                options.metricsMaxSeries,
                Duration.ofSeconds(options.metricsKeepSeconds),
                System::nanoTime);
        metrics = new DaemonMetrics(options.hostId, figures);
        loop = new MachineLoop(vertx, context, HostState.initial(limits), metrics);
        plane = openPlane(data, planeSteering, loop);
        workers = openWorkers(launch, stateDirectory, loop);
        HostRecord host = new HostRecord(
                options.hostId,
                UUID.randomUUID().toString(),
                machineId,
                version,
                clock.instant(),
                machine,
                plane.addresses());
        events = new EventWriter(bus, options.hostId, brokerClock);
        commands = new CommandReader(bus, options.hostId, brokerClock, loop::submit);
        telemetryWriter = writer(writerLoading);
        telemetry = new Telemetry(options.hostId, telemetryWriter, loop::submit, figures);
        sources = sources();
        HostAnnouncer announcer = new HostAnnouncer(
                host,
                new SteeringLookup(Path.of("/"), System::nanoTime),
                NicReader.ofSystem(),
                FeatureReader.ofSystem(),
                EnvironmentReader.ofSystem(),
                System::nanoTime);
        Reporting reporting = new KafkaReporting(events, telemetry, host, announcer, brokerClock, clock);
        loop.start(new MachineLoop.Parts(plane, workers, reporting));
        telemetry.start();
        events.start();
        commands.start();
        Thread.ofPlatform().daemon().name("telemetry-topics").start(this::learnTopics);
        serve(context, Addresses.http("--http-address", options.httpAddress));
    }

    /**
     * Starts a daemon; on return it serves HTTP and data connections. Kafka may come later.
     *
     * @throws StartupException when it cannot
     */
    static HostDaemon start(DaemonOptions options, Map<String, String> environment, String version) {
        options.check();
        List<InetSocketAddress> data = options.dataAddresses.stream()
                .map(address -> Addresses.data("--data-address", address))
                .toList();
        Addresses.HostAndPort _ = Addresses.http("--http-address", options.httpAddress);
        BusSettings bus = options.bus(environment);
        return new HostDaemon(options, bus, data, options.stateRoot(environment), environment, version);
    }

    /** Done when the daemon has said goodbye; {@link #close} is to follow. */
    CompletableFuture<Void> left() {
        return loop.left();
    }

    /** Begins an orderly end. */
    void stop(String reason) {
        LOG.atInfo().addKeyValue("reason", reason).log("stopping");
        loop.submit(new Input.ShutdownRequested(reason));
    }

    private static Vertx openVertx() {
        return Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                // While classes load on a busy machine a turn may take seconds; that is no fault.
                .setMaxEventLoopExecuteTime(BLOCKED_BOUND.toNanos())
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    }

    private static WorkerLaunch launch(Machine machine) {
        try {
            return WorkerLaunch.ofThisProcess(machine.allowed().size());
        } catch (IllegalStateException e) {
            throw StartupException.preflight(String.valueOf(e.getMessage()));
        }
    }

    private static String machineId(Machine machine) {
        if (machine.bootId().isEmpty()) {
            throw StartupException.preflight("/proc/sys/kernel/random/boot_id cannot be read, so nobody knows which"
                    + " hosts share this machine's CPUs: give --machine-id");
        }
        return machine.bootId();
    }

    private static DataPlane openPlane(List<InetSocketAddress> data, SteeringLookup steering, MachineLoop loop) {
        try {
            return DataPlane.open(data, steering::ofConnection, loop);
        } catch (PosixException e) {
            throw StartupException.preflight("cannot listen on --data-address: " + e.getMessage()
                    + "; it must be an address of this host (`ip address` lists them) with a free port");
        }
    }

    private static WorkerProcesses openWorkers(WorkerLaunch launch, StateDirectory state, MachineLoop loop) {
        try {
            return WorkerProcesses.open(launch, state.aot(), state.workers(), loop);
        } catch (IOException | PosixException e) {
            throw StartupException.preflight("cannot open the workers' socket in " + state.workers() + ": "
                    + e.getMessage() + "; give another --state-dir");
        }
    }

    /** Of an external registry, if there is one; it may be starting, too. */
    private static void waitForSchemas(Bus bus) {
        try {
            bus.waitForSchemas(REGISTRY_START);
        } catch (BusException e) {
            throw StartupException.preflight(String.valueOf(e.getMessage()));
        }
    }

    private static BusWriter writer(CompletableFuture<BusWriter> loading) {
        try {
            return loading.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof KafkaException || cause instanceof BusException) {
                String why = cause.getCause() == null ? cause.getMessage() : cause.getCause().getMessage();
                throw StartupException.preflight(
                        "the Kafka client refuses its settings: " + why + "; look at --bootstrap and --kafka");
            }
            throw e;
        }
    }

    /** A first send would wait for the topic's metadata, which the telemetry may not. */
    private void learnTopics() {
        try {
            do {
                try {
                    telemetryWriter.learn(TELEMETRY_TOPICS);
                    return;
                } catch (BusException e) {
                    LOG.atDebug().log("result topics are not there yet: {}", e.getMessage());
                }
            } while (!closing.await(LEARN_PAUSE_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atDebug().log("the telemetry writer is closed: {}", e.getMessage());
        }
    }

    private void serve(Context context, Addresses.HostAndPort wanted) {
        HttpApi api = new HttpApi(this::readiness, accepted -> metrics.scrape(sources, accepted), version);
        CompletableFuture<Integer> listening = new CompletableFuture<>();
        context.runOnContext(_ -> api.listen(vertx, wanted.host(), wanted.port())
                .onSuccess(server -> listening.complete(server.actualPort()))
                .onFailure(listening::completeExceptionally));
        int port;
        try {
            port = listening.orTimeout(HTTP_START_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String why = cause instanceof TimeoutException ? "no answer in a minute" : cause.getMessage();
            throw StartupException.preflight("cannot listen on --http-address " + wanted + ": " + why
                    + "; give another, or port 0 for any free one");
        }
        if (!new InetSocketAddress(wanted.host(), port).getAddress().isLoopbackAddress()) {
            LOG.atWarn().log("anybody who reaches {} can read this daemon's figures: there is no authentication;"
                    + " listen on loopback, or put an authenticating proxy in front", wanted);
        }
        LOG.atInfo()
                .addKeyValue("http", new Addresses.HostAndPort(wanted.host(), port))
                .addKeyValue("data", plane.addresses())
                .addKeyValue("uptime_ms", uptime().toMillis())
                .log("ready");
    }

    private DaemonMetrics.Sources sources() {
        return new DaemonMetrics.Sources(
                () -> {
                    Instant last = events.lastAcknowledged();
                    return last == null ? 0 : last.toEpochMilli() / 1000.0;
                },
                () -> {
                    Duration offset = brokerClock.offset();
                    return offset == null ? Double.NaN : offset.toNanos() / 1e9;
                },
                telemetry::publishedIntervals,
                telemetry::droppedIntervals,
                telemetry::queuedIntervals,
                commands::malformed,
                commands::lagRecords,
                () -> readiness().stream().allMatch(HttpApi.Check::ok),
                version);
    }

    private List<HttpApi.Check> readiness() {
        Instant last = events.lastAcknowledged();
        Instant now = brokerClock.now(clock.instant());
        boolean heard = last != null && Duration.between(last, now).compareTo(HEARTBEAT_FRESH) < 0;
        HostState state = loop.state();
        int idle = state.idleWorkers();
        boolean warm = idle > 0 || state.busyWorkers() > 0 || state.limits().warmWorkers() == 0;
        return List.of(
                new HttpApi.Check("data plane", true, plane.addresses().toString()),
                new HttpApi.Check(
                        "commands", commands.isConnected(), commands.isConnected() ? "being read" : commands.problem()),
                new HttpApi.Check(
                        "events",
                        heard,
                        heard
                                ? "the broker takes them"
                                : "no heartbeat was acknowledged for 5 s; is Kafka reachable, and may this host write"
                                        + " to host-events?"),
                new HttpApi.Check(
                        "workers",
                        warm,
                        idle + " idle, " + state.busyWorkers() + " busy, " + state.warmingWorkers() + " warming up"));
    }

    private static Duration uptime() {
        return Duration.between(
                ProcessHandle.current().info().startInstant().orElseGet(Instant::now), Instant.now());
    }

    /** Flushes what Kafka takes and closes everything, all in less than a second. */
    @Override
    public void close() {
        closing.countDown();
        telemetry.close();
        Thread flushing = Thread.ofPlatform().start(() -> telemetryWriter.close(WRITER_CLOSE_BOUND));
        workers.close();
        plane.close();
        events.close();
        commands.close();
        try {
            flushing.join(WRITER_CLOSE_BOUND.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stopHttp();
        stateDirectory.close();
        LOG.atInfo().log("stopped");
    }

    /**
     * Ends the threads that wait in system calls: the virtual machine leaves later than it could, by 300 ms, while
     * there are any.
     */
    private void stopHttp() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(HTTP_STOP_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atDebug().setCause(e).log("the HTTP server did not stop in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
