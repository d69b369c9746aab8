package dev.flowlane.daemon;

import static org.awaitility.Awaitility.await;

import dev.flowlane.daemon.inventory.Machine;
import dev.flowlane.daemon.inventory.SteeringLookup;
import dev.flowlane.daemon.machine.Accounting;
import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.Command;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.EndedFlow;
import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.HostLimits;
import dev.flowlane.daemon.machine.HostState;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.News;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.plane.DataPlane;
import dev.flowlane.daemon.telemetry.FlowFigures;
import dev.flowlane.daemon.workers.WorkerLaunch;
import dev.flowlane.daemon.workers.WorkerProcesses;
import dev.flowlane.worker.protocol.IntervalReport;
import io.vertx.core.Vertx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A daemon in this process: real connections, real workers, its words kept in lists instead of sent to Kafka. */
final class LiveHost implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(60);

    /** Everything the daemon said, in order. */
    final List<News> said = new CopyOnWriteArrayList<>();

    private final Map<FlowEndId, List<IntervalReport>> intervals = new ConcurrentHashMap<>();
    private final Map<Integer, FlowEndId> ends = new ConcurrentHashMap<>();
    private final Vertx vertx = Vertx.vertx();
    private final MachineLoop loop;
    private final DataPlane plane;
    private final WorkerProcesses workers;
    private final Path directory;
    private int commands;

    LiveHost(String address, int warmWorkers) throws IOException {
        directory = Files.createTempDirectory(Path.of("/tmp"), "flowlane-" + ProcessHandle.current().pid() + "-");
        Machine machine = Machine.read(Path.of("/"));
        HostLimits limits = new HostLimits(machine.allowed(), warmWorkers, 16, 1024);
        loop = new MachineLoop(
                vertx, vertx.getOrCreateContext(), HostState.initial(limits),
                new DaemonMetrics(
                        "host", new FlowFigures("host", "machine", 1_000, Duration.ofMinutes(5), System::nanoTime)));
        SteeringLookup steering = new SteeringLookup(Path.of("/"), System::nanoTime);
        plane = DataPlane.open(
                List.of(new InetSocketAddress(InetAddress.ofLiteral(address), 0)), steering::ofConnection, loop);
        workers = WorkerProcesses.open(
                WorkerLaunch.ofThisProcess(machine.allowed().size()), directory.resolve("aot"), directory, loop);
        loop.start(new MachineLoop.Parts(plane, workers, new Kept()));
        await().atMost(SOON).until(() -> loop.state().idleWorkers() >= warmWorkers);
    }

    private final class Kept implements Reporting {
        @Override
        public void publish(News news, long epoch) {
            said.add(news);
        }

        @Override
        public void publishHost(boolean online) {}

        @Override
        public void open(Effect.OpenTelemetry opened) {
            FlowEndId end = opened.assignment().end();
            ends.put(opened.workerId(), end);
        }

        @Override
        public void interval(int workerId, IntervalReport report) {
            FlowEndId end = ends.get(workerId);
            if (end != null) {
                intervals(end).add(report);
            }
        }

        @Override
        public void close(RunRef run, FlowEndId end) {
            List<IntervalReport> arrived = intervals(end);
            int measured = (int) arrived.stream().filter(report -> !report.warmup()).count();
            loop.submit(new Input.TelemetrySettled(
                    run, end, new Accounting(arrived.size(), 0, measured, 0, null, null)));
        }

        @Override
        public void giveUp(RunRef run, FlowEndId end) {
            close(run, end);
        }
    }

    /** Those that a flow end has reported so far. */
    List<IntervalReport> intervals(FlowEndId end) {
        return intervals.computeIfAbsent(end, _ -> new CopyOnWriteArrayList<>());
    }

    Endpoint endpoint() {
        InetSocketAddress address = plane.addresses().getFirst();
        return new Endpoint(address.getAddress().getHostAddress(), address.getPort());
    }

    HostState state() {
        return loop.state();
    }

    void order(RunRef run, Order order) {
        Command command = new Command("c" + commands++, run.runId(), run.attempt(), 1, null, order);
        loop.submit(new Input.CommandReceived(command, Instant.EPOCH));
    }

    List<Candidate> candidates(RunRef run) {
        return said(News.Candidates.class)
                .filter(news -> news.run().equals(run))
                .flatMap(news -> news.candidates().stream())
                .toList();
    }

    List<ReadyEnd> ready(RunRef run) {
        return said(News.Ready.class)
                .filter(news -> news.run().equals(run))
                .flatMap(news -> news.ends().stream())
                .toList();
    }

    List<EndedFlow> ended(RunRef run) {
        return said(News.Ended.class)
                .filter(news -> news.run().equals(run))
                .map(News.Ended::flow)
                .toList();
    }

    private <N extends News> Stream<N> said(Class<N> kind) {
        return said.stream().filter(kind::isInstance).map(kind::cast);
    }

    @Override
    public void close() {
        plane.close();
        workers.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        // What made the AOT cache has been told to end and may still write there.
        await().atMost(SOON).untilAsserted(this::deleteDirectory);
    }

    private void deleteDirectory() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new AssertionError(directory + " cannot be deleted", e);
        }
    }
}
