package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Messages;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Real worker processes. */
final class WorkerIT {
    private static final int CPU = Affinity.get(0).first();

    /** For what happens at once on a machine that has nothing else to do, and would otherwise not happen at all. */
    private static final int PATIENCE_SECONDS = 50;

    @TempDir
    private Path folder;

    private WorkerProcess spawn() throws Exception {
        return WorkerProcess.spawn(folder, WorkerProcess.testClassPath(), null);
    }

    @Test
    void twoWorkersCarryFlowAfterFlowOnTheirCpu() throws Exception {
        try (WorkerProcess source = spawn();
                WorkerProcess destination = spawn()) {
            for (Settings kind : List.of(Settings.requests(), Settings.stream(), Settings.requests())) {
                FlowSettings settings = kind.build();
                SocketPair connection = Loopback.tcp();
                source.daemon()
                        .assign(new ToWorker.Assign("f", Role.SOURCE, settings, CPU, null), connection.first());
                destination
                        .daemon()
                        .assign(new ToWorker.Assign("f", Role.DESTINATION, settings, CPU, null), connection.second());
                assertOnCpu(source, source.daemon().receive(FromWorker.Ready.class));
                assertOnCpu(destination, destination.daemon().receive(FromWorker.Ready.class));
                destination.daemon().send(new ToWorker.Start());
                source.daemon().send(new ToWorker.Start());
                DaemonEnd.Flown sent = source.daemon().flown();
                DaemonEnd.Flown received = destination.daemon().flown();
                assertThat(sent.end().outcome()).isEqualTo(Outcome.DONE);
                assertThat(received.end().outcome()).isEqualTo(Outcome.DONE);
                assertThat(received.end().measured().receivedBytes())
                        .isPositive()
                        .isEqualTo(sent.end().measured().sentBytes());
                for (IntervalReport interval : sent.intervals()) {
                    assertThat(interval.lane().applicationCpus()).isEqualTo(Integer.toString(CPU));
                    assertThat(interval.lane().affinityCpus()).isEqualTo(Integer.toString(CPU));
                }
            }
            assertSmall(source);
            assertSmall(destination);
        }
    }

    /** Each kind compiles its loops between ASSIGN and READY; their books need more room than the usual ones. */
    @Test
    void oneWorkerCarriesEveryKindOfFlowOneAfterTheOther() throws Exception {
        Pace pace = new Pace(Pace.Arrival.POISSON, 5000, 1);
        List<Settings> kinds = List.of(
                Settings.requests().pace(pace).outstanding(1024).engine(Engine.EPOLL),
                Settings.requests().outstanding(64),
                Settings.requests().engine(Engine.IO_URING),
                Settings.stream().engine(Engine.IO_URING),
                Settings.requests().engine(Engine.IO_URING).outstanding(64),
                Settings.stream().zerocopy(true).truncate(),
                Settings.stream().pace(pace).calls(65_536, 1000),
                Settings.requests());
        try (WorkerProcess source = spawn();
                WorkerProcess destination = spawn()) {
            for (Settings kind : kinds) {
                FlowSettings settings = kind.build();
                SocketPair connection = Loopback.tcp();
                source.daemon()
                        .assign(new ToWorker.Assign("f", Role.SOURCE, settings, CPU, null), connection.first());
                destination
                        .daemon()
                        .assign(new ToWorker.Assign("f", Role.DESTINATION, settings, CPU, null), connection.second());
                source.daemon().receive(FromWorker.Ready.class);
                destination.daemon().receive(FromWorker.Ready.class);
                destination.daemon().send(new ToWorker.Start());
                source.daemon().send(new ToWorker.Start());
                DaemonEnd.Flown sent = source.daemon().flown();
                DaemonEnd.Flown received = destination.daemon().flown();
                assertThat(sent.end().message()).isNull();
                assertThat(sent.end().outcome()).isEqualTo(Outcome.DONE);
                assertThat(received.end().outcome()).isEqualTo(Outcome.DONE);
                assertThat(sent.end().payloadErrors() + received.end().payloadErrors()).isZero();
                assertThat(received.end().measured().receivedBytes())
                        .isPositive()
                        .isEqualTo(sent.end().measured().sentBytes());
                assertThat(sent.end().intendedRoundTripHistogram() != null).isEqualTo(settings.timesIntended());
            }
        }
    }

    /** Soon after a flow: a compiler may still be at work, and what it has needed is given back when it is done. */
    private static void assertSmall(WorkerProcess worker) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (worker.residentBytes() >= 80_000_000 && System.nanoTime() < deadlineNs) {
            Thread.onSpinWait();
        }
        assertThat(worker.residentBytes()).isLessThan(80_000_000);
    }

    private static void assertOnCpu(WorkerProcess worker, FromWorker.Ready ready) {
        assertThat(ready.applicationCpu()).isEqualTo(CPU);
        assertThat(ready.affinityCpus()).isEqualTo(Integer.toString(CPU));
        assertThat(ready.threadId()).isEqualTo(worker.warm().threadId());
    }

    @Test
    void housekeepingCpusAreForAllThreadsButOne() throws Exception {
        int other = Affinity.get(0).last();
        try (WorkerProcess worker = spawn()) {
            SocketPair connection = Loopback.tcp();
            worker.daemon()
                    .assign(
                            new ToWorker.Assign(
                                    "f",
                                    Role.DESTINATION,
                                    Settings.stream().build(),
                                    CPU,
                                    Integer.toString(other)),
                            connection.second());
            new RawPeer(connection.first()).settleAsSource();
            worker.daemon().receive(FromWorker.Ready.class);
            List<Integer> looked = new ArrayList<>();
            for (String task : taskNames(worker.process().pid())) {
                int threadId = Integer.parseInt(task);
                int expected = threadId == worker.warm().threadId() ? CPU : other;
                try {
                    assertThat(Affinity.get(threadId).toString()).isEqualTo(Integer.toString(expected));
                    looked.add(threadId);
                } catch (PosixException e) {
                    // Compiler threads come and go.
                    assertThat(e.errno()).isEqualTo(Errno.ESRCH);
                }
            }
            assertThat(looked).contains(worker.warm().threadId()).hasSizeGreaterThan(5);
            Sockets.close(connection.first());
        }
    }

    private static List<String> taskNames(long pid) throws Exception {
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return tasks.map(task -> task.getFileName().toString()).toList();
        }
    }

    @Test
    void endOfFileEndsAnIdleWorkerAtOnce() throws Exception {
        WorkerProcess worker = spawn();
        worker.daemon().close();
        assertThat(worker.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.process().exitValue()).isZero();
    }

    @Test
    void endOfFileEndsABusyWorkerAtOnce() throws Exception {
        WorkerProcess worker = spawn();
        SocketPair connection = Loopback.tcp();
        FlowSettings settings = Settings.requests().times(60_000, 0, 1000).build();
        worker.daemon().assign(new ToWorker.Assign("f", Role.SOURCE, settings, -1, null), connection.first());
        RawPeer peer = new RawPeer(connection.second());
        peer.settleAsDestination();
        worker.daemon().receive(FromWorker.Ready.class);
        worker.daemon().send(new ToWorker.Start());
        assertThat(peer.read(1)).containsExactly(0);
        worker.daemon().close();
        assertThat(worker.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(peer.read(1)).isEmpty();
        peer.close();
    }

    @Test
    void aWorkerOutlivesNoDaemonThatWasKilled() throws Exception {
        ProcessBuilder daemon = new ProcessBuilder(
                WorkerProcess.JAVA_HOME.resolve("bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                WorkerProcess.testClassPath(),
                KilledDaemon.class.getName(),
                folder.toString());
        Process process = daemon.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        long pid = Long.parseLong(process.inputReader().readLine());
        process.destroyForcibly().waitFor();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (running(pid) && System.nanoTime() < deadlineNs) {
            Thread.onSpinWait();
        }
        assertThat(running(pid)).isFalse();
    }

    /** A zombie, which nobody here may reap, does not run. */
    private static boolean running(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aDaemonThatSpeaksAnotherLanguageIsLeft() throws Exception {
        WorkerProcess worker = spawn();
        UnixSeqpacket.send(worker.daemon().fd(), new byte[] {Messages.VERSION + 1, 2}, -1);
        assertThat(worker.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.process().exitValue()).isEqualTo(WorkerMain.EXIT_ERROR);
        worker.close();
    }

    @Test
    void aWorkerWithoutDaemonSaysSo() throws Exception {
        List<String> command = WorkerJvm.command(
                WorkerProcess.JAVA_HOME, WorkerProcess.testClassPath(), null, folder.resolve("nobody"), 2);
        Process process = new ProcessBuilder(command).start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(WorkerMain.EXIT_ERROR);
        assertThat(process.errorReader().readLine()).startsWith("worker: connect: ENOENT");
    }

    @Test
    void trainingMakesACacheThatAWorkerRunsWith() throws Exception {
        String jars = JarOfClasses.classPathOfJars(folder, WorkerProcess.testClassPath());
        Path cache = folder.resolve("worker.aot");
        Process training = new ProcessBuilder(WorkerJvm.train(WorkerProcess.JAVA_HOME, jars, cache, 2))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(training.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(training.exitValue()).isZero();
        assertThat(cache).isNotEmptyFile();
        try (WorkerProcess worker = WorkerProcess.spawn(folder, jars, cache)) {
            assertThat(Files.readString(Path.of("/proc/" + worker.process().pid() + "/maps")))
                    .contains(cache.toString());
            SocketPair connection = Loopback.tcp();
            worker.daemon()
                    .assign(
                            new ToWorker.Assign("f", Role.SOURCE, Settings.stream().build(), CPU, null),
                            connection.first());
            new RawPeer(connection.second()).settleAsDestination();
            worker.daemon().receive(FromWorker.Ready.class);
            worker.daemon().send(new ToWorker.Stop("enough"));
            EndReport end = worker.daemon().flown().end();
            assertThat(end.outcome()).isEqualTo(Outcome.NEVER_STARTED);
            Sockets.close(connection.second());
        }
    }
}
