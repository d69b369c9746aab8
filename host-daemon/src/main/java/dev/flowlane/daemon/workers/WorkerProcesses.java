package dev.flowlane.daemon.workers;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.MalformedMessageException;
import dev.flowlane.worker.protocol.Messages;
import dev.flowlane.worker.protocol.ToWorker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** All worker processes of the daemon. Its methods may be called by any thread: they hand over and return. */
public final class WorkerProcesses implements AutoCloseable {
    /** Told on a thread of this class; must not wait. */
    public interface Listener {
        void heard(int workerId, FromWorker message);

        /** The process has ended, or could not be started, and everything it said was heard. */
        void gone(int workerId, String how);

        /** The training of the AOT cache is over, one way or another. */
        void trained(boolean present);
    }

    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcesses.class);
    private static final long WAKE_TOKEN = -1;
    private static final long LISTEN_TOKEN = -2;
    private static final int EVENTS = 64;
    private static final int UNCLAIMED_MAX = 64;
    private static final long JOIN_MS = Duration.ofSeconds(1).toMillis();

    private final WorkerLaunch launch;
    private final AotCache aotCache;
    private final Path directory;
    private final Path socket;
    private final int uid;
    private final Listener listener;
    private final Spawner spawner = new Spawner();
    private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
    private final Epoll epoll = Epoll.create(EVENTS);
    private final EventFd wake = EventFd.create();
    private final int listenFd;
    private final MemorySegment buffer = Arena.global().allocate(Messages.MAX_BYTES);
    private final Thread thread = new Thread(this::run, "worker-reader");

    /** By worker id; from here on everything belongs to the reader thread. */
    private final Map<Integer, WorkerProcess> processes = new HashMap<>();

    private final Map<Integer, WorkerProcess> byFd = new HashMap<>();

    /** Connections by pid of workers whose start has not been noted yet. */
    private final Map<Integer, Integer> unclaimed = new HashMap<>();

    private final OutOfMemoryKills outOfMemoryKills =
            new OutOfMemoryKills(Path.of("/proc/vmstat"), System::nanoTime);

    private @Nullable Process training;
    private boolean abortTraining;
    private volatile boolean closing;

    private WorkerProcesses(WorkerLaunch launch, Path aotDirectory, Path directory, Listener listener)
            throws IOException {
        this.launch = launch;
        this.aotCache = new AotCache(launch, aotDirectory);
        this.directory = directory;
        this.socket = directory.resolve("workers.sock");
        this.uid = (int) Files.getAttribute(directory, "unix:uid");
        this.listener = listener;
        this.listenFd = UnixSeqpacket.listen(socket);
        epoll.add(wake.fd(), Epoll.IN, WAKE_TOKEN);
        epoll.add(listenFd, Epoll.IN, LISTEN_TOKEN);
        thread.setDaemon(true);
    }

    /**
     * Opens the socket that workers connect to.
     *
     * @param aotDirectory where the AOT cache is or will be
     * @param directory a folder of mode 0700 of this process's own
     * @throws IOException when the folder cannot be read
     * @throws PosixException when the socket cannot be had
     */
    public static WorkerProcesses open(WorkerLaunch launch, Path aotDirectory, Path directory, Listener listener)
            throws IOException {
        WorkerProcesses opened = new WorkerProcesses(launch, aotDirectory, directory, listener);
        opened.thread.start();
        opened.spawner.start();
        return opened;
    }

    /** Whether workers start with an AOT cache, or never will. */
    public boolean isAotCacheSettled() {
        return aotCache.isSettled();
    }

    /** The thread that starts processes: workers get its CPU mask. Kernel thread id. */
    public int spawnerThreadId() {
        return spawner.threadId();
    }

    public void spawn(int workerId) {
        spawner.run(() -> start(workerId));
    }

    /** Tells a worker something; both descriptors are handed over and closed here afterwards, -1 for none. */
    public void send(int workerId, ToWorker message, int passFd, int secondFd) {
        request(() -> sendNow(workerId, message, passFd, secondFd));
    }

    /** Ends the process at once; {@link Listener#gone} follows. */
    public void kill(int workerId, String reason) {
        request(() -> {
            WorkerProcess worker = processes.get(workerId);
            if (worker != null) {
                end(worker, reason);
            } else {
                // Its start is still in the spawner's queue.
                spawner.run(() -> request(() -> {
                    WorkerProcess late = processes.get(workerId);
                    if (late != null) {
                        end(late, reason);
                    }
                }));
            }
        });
    }

    /** Makes the AOT cache; {@link Listener#trained} follows. */
    public void train() {
        request(() -> abortTraining = false);
        spawner.run(this::startTraining);
    }

    public void abortTraining() {
        request(() -> {
            abortTraining = true;
            endTraining();
        });
    }

    private void request(Runnable request) {
        requests.add(request);
        wake.signal();
    }

    private void start(int workerId) {
        ErrorOutput errors = new ErrorOutput(directory.resolve("worker-" + workerId + ".err"));
        ProcessBuilder builder = new ProcessBuilder(launch.command(socket, aotCache.existing()));
        try {
            Process process = startClean(builder, errors);
            request(() -> started(new WorkerProcess(workerId, process, errors)));
        } catch (IOException e) {
            request(() -> listener.gone(workerId, "it could not be started: " + e.getMessage()));
        }
    }

    private Process startClean(ProcessBuilder builder, ErrorOutput errors) throws IOException {
        builder.environment().clear();
        builder.directory(directory.toFile());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(errors.redirect());
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private void startTraining() {
        AotCache.Training begun = aotCache.beginTraining();
        if (begun == null) {
            listener.trained(aotCache.isSettled());
            return;
        }
        ErrorOutput errors = new ErrorOutput(directory.resolve("training.err"));
        try {
            long startNs = System.nanoTime();
            Process process = startClean(begun.process(), errors);
            request(() -> {
                training = process;
                if (abortTraining) {
                    endTraining();
                }
            });
            var _ = process.onExit().thenRun(() -> request(() -> {
                training = null;
                boolean present = begun.end(process.exitValue());
                LOG.atInfo()
                        .addKeyValue("present", present)
                        .addKeyValue("took_ms", (System.nanoTime() - startNs) / 1_000_000)
                        .addKeyValue("said", errors.takeTail())
                        .log("training of the workers' AOT cache ended");
                listener.trained(present);
            }));
        } catch (IOException e) {
            boolean present = begun.end(-1);
            listener.trained(present);
        }
    }

    private void endTraining() {
        Process running = training;
        if (running != null) {
            // At its end the JVM has a child that assembles the cache.
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
        }
    }

    private void run() {
        while (!closing) {
            try {
                int events = epoll.await(-1);
                for (int i = 0; i < events; i++) {
                    long token = epoll.token(i);
                    if (token == WAKE_TOKEN) {
                        wake.drain();
                    } else if (token == LISTEN_TOKEN) {
                        accept();
                    } else {
                        hear((int) token);
                    }
                }
                for (Runnable next = requests.poll(); next != null; next = requests.poll()) {
                    next.run();
                }
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("hearing workers failed");
            }
        }
        List.copyOf(processes.values()).forEach(worker -> end(worker, "the daemon is leaving"));
        endTraining();
        Sockets.close(listenFd);
        wake.close();
        epoll.close();
    }

    private void started(WorkerProcess worker) {
        processes.put(worker.workerId, worker);
        Integer fd = unclaimed.remove((int) worker.process.pid());
        if (fd != null) {
            connect(worker, fd);
        }
        var _ = worker.process.onExit().thenRun(() -> request(() -> exited(worker)));
        if (closing) {
            end(worker, "the daemon is leaving");
        }
    }

    private void accept() {
        for (int fd = UnixSeqpacket.accept(listenFd); fd >= 0; fd = UnixSeqpacket.accept(listenFd)) {
            UnixSeqpacket.PeerCredentials peer = UnixSeqpacket.peer(fd);
            WorkerProcess worker = processes.values().stream()
                    .filter(known -> known.process.pid() == peer.pid() && !known.isConnected())
                    .findFirst()
                    .orElse(null);
            if (peer.uid() != uid || (worker == null && unclaimed.size() >= UNCLAIMED_MAX)) {
                LOG.atWarn()
                        .addKeyValue("pid", peer.pid())
                        .addKeyValue("uid", peer.uid())
                        .log("turned away a process that is no worker");
                Sockets.close(fd);
            } else if (worker == null) {
                unclaimed.put(peer.pid(), fd);
            } else {
                connect(worker, fd);
            }
        }
    }

    private void connect(WorkerProcess worker, int fd) {
        worker.fd = fd;
        byFd.put(fd, worker);
        epoll.add(fd, Epoll.IN, fd);
    }

    /** Everything that waits on a worker's connection. */
    private void hear(int fd) {
        WorkerProcess worker = byFd.get(fd);
        if (worker == null) {
            return;
        }
        try {
            while (true) {
                UnixSeqpacket.Received received = UnixSeqpacket.receive(fd, buffer);
                close(received.passedFd());
                close(received.secondFd());
                if (received.length() < 0) {
                    return;
                }
                if (received.length() == 0) {
                    break;
                }
                outOfMemoryKills.alive();
                listener.heard(
                        worker.workerId,
                        Messages.fromWorker(
                                buffer.asSlice(0, received.length()).asByteBuffer()));
            }
        } catch (MalformedMessageException e) {
            end(worker, "it said something that is no message: " + e.getMessage());
        } catch (PosixException e) {
            LOG.atDebug().addKeyValue("worker", worker.workerId).log("connection lost: {}", e.getMessage());
        }
        disconnect(worker);
        // A worker that cannot hear is of no use.
        worker.process.destroyForcibly();
        tellWhenGone(worker);
    }

    private void disconnect(WorkerProcess worker) {
        if (worker.isConnected()) {
            epoll.remove(worker.fd);
            byFd.remove(worker.fd);
            Sockets.close(worker.fd);
            worker.disconnected();
        }
    }

    private void exited(WorkerProcess worker) {
        worker.exited = true;
        if (worker.isConnected()) {
            hear(worker.fd);
        } else {
            tellWhenGone(worker);
        }
    }

    private void tellWhenGone(WorkerProcess worker) {
        if (worker.exited && !worker.isConnected() && processes.remove(worker.workerId, worker)) {
            listener.gone(worker.workerId, worker.lastWords(outOfMemoryKills.recent()));
        }
    }

    private void end(WorkerProcess worker, String reason) {
        if (worker.killedFor == null) {
            worker.killedFor = reason;
        }
        worker.process.destroyForcibly();
    }

    private void sendNow(int workerId, ToWorker message, int passFd, int secondFd) {
        WorkerProcess worker = processes.get(workerId);
        if (worker != null && worker.isConnected()) {
            try {
                if (!UnixSeqpacket.send(worker.fd, Messages.encode(message), passFd, secondFd)) {
                    end(worker, "it does not read what it is told");
                }
            } catch (PosixException e) {
                end(worker, "it cannot be told anything: " + e.getMessage());
            }
        }
        close(passFd);
        close(secondFd);
    }

    private static void close(int fd) {
        if (fd >= 0) {
            Sockets.close(fd);
        }
    }

    /** Ends every worker; waits up to a second. */
    @Override
    public void close() {
        closing = true;
        wake.signal();
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
