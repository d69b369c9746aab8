package dev.flowlane.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.daemon.machine.EndOutcome;
import dev.flowlane.daemon.machine.EndedFlow;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Two daemons with real connections and real worker processes, told what to do as a coordinator would. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostPairIT {
    private static final RunKey KEY = new RunKey(Bytes.copyOf(new byte[32]));
    private static final long MS = 1_000_000;

    private LiveHost source;
    private LiveHost destination;

    @BeforeAll
    void start() throws IOException {
        source = new LiveHost("127.0.0.1", 2);
        destination = new LiveHost("127.0.0.1", 2);
    }

    @AfterAll
    void stop() {
        source.close();
        destination.close();
    }

    @Test
    void aStreamArrivesToTheLastByteAndEveryIntervalIsThere(TestInfo test) {
        RunRef run = run(test);
        prepare(run, settings(TrafficKind.STREAM, 1000, 300, 100), 2);
        start(run);
        awaitEnds(run, 2);

        for (EndedFlow sent : source.ended(run)) {
            EndedFlow received = other(destination.ended(run), sent);
            EndReport out = report(sent);
            EndReport in = report(received);
            assertThat(sent.outcome()).isEqualTo(EndOutcome.DONE);
            assertThat(received.outcome()).isEqualTo(EndOutcome.DONE);
            assertThat(out.measured().sentBytes()).isPositive().isEqualTo(in.measured().receivedBytes());
            assertThat(out.warmup().sentBytes()).isPositive().isEqualTo(in.warmup().receivedBytes());
            assertThat(in.payloadErrors()).isZero();
            assertThat(sent.intervalsExpected()).isEqualTo(13);
            assertThat(sent.accounting().published()).isEqualTo(13);
            assertThat(received.accounting().published()).isEqualTo(13);
        }
        release(run);
    }

    @Test
    void requestsAndResponsesAreTimedOneByOne(TestInfo test) {
        RunRef run = run(test);
        prepare(run, settings(TrafficKind.REQUEST_RESPONSE, 500, 0, 100), 1);
        start(run);
        awaitEnds(run, 1);

        EndReport out = report(source.ended(run).getFirst());
        EndReport in = report(destination.ended(run).getFirst());
        assertThat(out.measured().transactions()).isPositive().isEqualTo(in.measured().transactions());
        assertThat(out.measured().sentBytes()).isEqualTo(in.measured().receivedBytes());
        assertThat(out.measured().receivedBytes()).isEqualTo(in.measured().sentBytes());
        assertThat(out.roundTripHistogram()).isNotNull();
        release(run);
    }

    /** At once: its silence would be noticed after three intervals and 2 s, and would be told as STALLED. */
    @Test
    void kill9OfAWorkerIsReportedBeforeItsSilenceIsAndItsPeerEnds(TestInfo test) throws IOException {
        RunRef run = run(test);
        prepare(run, settings(TrafficKind.STREAM, 30_000, 0, 100), 1);
        start(run);
        FlowEndId end = source.ready(run).getFirst().end();
        await().atMost(LiveHost.SOON).until(() -> source.intervals(end).size() >= 3);
        long pid = source.ready(run).getFirst().workerPid();

        long killedNs = System.nanoTime();
        signal("KILL", pid);
        await().pollInterval(Duration.ofMillis(5)).atMost(LiveHost.SOON).until(() -> !source.ended(run).isEmpty());
        System.out.printf("%s: kill to ENDED %d ms%n", run.runId(), (System.nanoTime() - killedNs) / MS);
        await().atMost(LiveHost.SOON).until(() -> !destination.ended(run).isEmpty());

        assertThat(source.ended(run).getFirst().outcome()).isEqualTo(EndOutcome.WORKER_LOST);
        assertThat(source.ended(run).getFirst().message()).contains("SIGKILL");
        // The kernel closes a dead process's socket in order: what had been sent arrives, and then the end.
        assertThat(destination.ended(run).getFirst().outcome()).isIn(EndOutcome.DONE, EndOutcome.PEER_GONE);
        release(run);
    }

    @Test
    void sigstopOfAWorkerIsAStall(TestInfo test) throws IOException {
        RunRef run = run(test);
        prepare(run, settings(TrafficKind.STREAM, 30_000, 0, 100), 1);
        start(run);
        FlowEndId end = source.ready(run).getFirst().end();
        await().atMost(LiveHost.SOON).until(() -> source.intervals(end).size() >= 3);

        signal("STOP", source.ready(run).getFirst().workerPid());
        await().atMost(LiveHost.SOON).until(() -> !source.ended(run).isEmpty());

        assertThat(source.ended(run).getFirst().outcome()).isEqualTo(EndOutcome.STALLED);
        release(run);
    }

    @Test
    void stopEndsTrafficEarlyAndInOrder(TestInfo test) {
        RunRef run = run(test);
        prepare(run, settings(TrafficKind.STREAM, 30_000, 0, 100), 1);
        start(run);
        FlowEndId end = source.ready(run).getFirst().end();
        await().atMost(LiveHost.SOON).until(() -> source.intervals(end).size() >= 3);

        source.order(run, new Order.Stop("cancelled"));
        destination.order(run, new Order.Stop("cancelled"));
        awaitEnds(run, 1);

        assertThat(source.ended(run).getFirst().outcome()).isEqualTo(EndOutcome.STOPPED);
        assertThat(report(source.ended(run).getFirst()).measured().sentBytes())
                .isEqualTo(report(destination.ended(run).getFirst()).measured().receivedBytes());
        release(run);
    }

    @Test
    void stopBeforeTheStartKeepsTheWorkersForTheNextRun(TestInfo test) {
        RunRef run = run(test);
        prepare(run, settings(TrafficKind.STREAM, 1000, 0, 100), 1);
        List<Integer> before = List.copyOf(source.state().workers().keySet());

        source.order(run, new Order.Stop("cancelled"));
        destination.order(run, new Order.Stop("cancelled"));
        awaitEnds(run, 1);

        assertThat(source.ended(run).getFirst().outcome()).isEqualTo(EndOutcome.NEVER_STARTED);
        assertThat(destination.ended(run).getFirst().outcome()).isEqualTo(EndOutcome.NEVER_STARTED);
        release(run);
        assertThat(List.copyOf(source.state().workers().keySet())).isEqualTo(before);
    }

    /** EXPECT, CONNECT, ASSIGN; on return every end is ready. */
    private void prepare(RunRef run, FlowSettings settings, int flows) {
        await().atMost(LiveHost.SOON)
                .until(() -> source.state().idleWorkers() >= 2 && destination.state().idleWorkers() >= 2);
        destination.order(run, new Order.Expect(KEY, 64));
        source.order(
                run,
                new Order.Connect(
                        KEY,
                        List.of(new Order.Target("host-b", destination.endpoint(), "127.0.0.1", 0, 4, List.of())),
                        SocketOptions.DEFAULT,
                        flows,
                        List.of()));
        await().pollInterval(Duration.ofMillis(1)).atMost(LiveHost.SOON)
                .until(() -> source.candidates(run).size() == 4
                        && destination.candidates(run).size() == 4);
        long assignedNs = System.nanoTime();
        destination.order(run, assign(run, Role.DESTINATION, settings, flows));
        source.order(run, assign(run, Role.SOURCE, settings, flows));
        await().pollInterval(Duration.ofMillis(1)).atMost(LiveHost.SOON)
                .until(() -> source.ready(run).size() == flows
                        && destination.ready(run).size() == flows);
        System.out.printf("%s: ASSIGN to READY %d us%n", run.runId(), (System.nanoTime() - assignedNs) / 1000);
    }

    private static Order.Assign assign(RunRef run, Role role, FlowSettings settings, int flows) {
        List<Order.Assignment> ends = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            ends.add(new Order.Assignment(new FlowEndId(run.runId() + "." + i, role), i, -1, -1, "peer"));
        }
        return new Order.Assign(ends, settings, null);
    }

    private void start(RunRef run) {
        destination.order(run, new Order.Start());
        source.order(run, new Order.Start());
    }

    private void awaitEnds(RunRef run, int flows) {
        await().atMost(LiveHost.SOON)
                .until(() -> source.ended(run).size() == flows
                        && destination.ended(run).size() == flows);
    }

    private void release(RunRef run) {
        source.order(run, new Order.Release("over"));
        destination.order(run, new Order.Release("over"));
        await().atMost(LiveHost.SOON)
                .until(() -> !source.state().liveRunIds().contains(run.runId())
                        && !destination.state().liveRunIds().contains(run.runId()));
    }

    private static RunRef run(TestInfo test) {
        return new RunRef(test.getTestMethod().orElseThrow().getName(), 1);
    }

    private static EndedFlow other(List<EndedFlow> flows, EndedFlow one) {
        return flows.stream()
                .filter(flow -> flow.end().flowId().equals(one.end().flowId()))
                .findFirst()
                .orElseThrow();
    }

    private static EndReport report(EndedFlow flow) {
        return Objects.requireNonNull(flow.report(), flow::toString);
    }

    private static FlowSettings settings(TrafficKind kind, int durationMs, int warmupMs, int intervalMs) {
        return new FlowSettings(
                kind,
                1,
                1,
                1,
                null,
                durationMs * MS,
                warmupMs * MS,
                intervalMs * MS,
                Engine.BLOCKING,
                65_536,
                65_536,
                true,
                false,
                false,
                SocketOptions.DEFAULT,
                FlowSettings.DEFAULT_DRAIN_TIMEOUT_NS,
                FlowSettings.DEFAULT_SETTLE_TIMEOUT_NS);
    }

    private static void signal(String name, long pid) throws IOException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
