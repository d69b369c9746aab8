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

    private final WorkerSeats seats = new WorkerSeats(epoll);

    private final Training training;
    private volatile boolean closing;

    private WorkerProcesses(WorkerLaunch launch, Path aotDirectory, Path directory, Listener listener)
            throws IOException {
        this.launch = launch;
        this.aotCache = new AotCache(launch, aotDirectory);
        this.directory = directory;
        this.socket = directory.resolve("workers.sock");
        this.uid = (int) Files.getAttribute(directory, "unix:uid");
        this.listener = listener;
        this.training = new Training(aotCache, directory, this::request, listener);
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

    /** Makes a place for one more flow end in a worker's process, which is spoken of as a worker of that id. */
    public void seat(int seatId, int workerId) {
        request(() -> {
            WorkerProcess worker = processes.get(workerId);
            if (worker == null || !worker.isConnected()) {
                listener.gone(seatId, "its process is gone");
            } else {
                sendNow(workerId, new ToWorker.Seat(), seats.open(seatId, worker), -1);
            }
        });
    }

    /** Closes such a place; nothing is heard of it any more. */
    public void leave(int seatId) {
        request(() -> {
            WorkerSeats.Seat seat = seats.byId(seatId);
            if (seat != null) {
                seats.close(seat);
            }
        });
    }

    /** Ends the process at once, all its places with it; {@link Listener#gone} follows for each. */
    public void kill(int workerId, String reason) {
        request(() -> {
            WorkerSeats.Seat seat = seats.byId(workerId);
            WorkerProcess worker = seat == null ? processes.get(workerId) : seat.process();
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
        request(training::allow);
        spawner.run(() -> {
            // Nobody would end it, and the folder it writes into is being cleared.
            if (!closing) {
                training.start();
            }
        });
    }

    public void abortTraining() {
        request(training::abort);
    }

    private void request(Runnable request) {
        requests.add(request);
        wake.signal();
    }

    private void start(int workerId) {
        ErrorOutput errors = new ErrorOutput(directory.resolve("worker-" + workerId + ".err"));
        ProcessBuilder builder = new ProcessBuilder(launch.command(socket, aotCache.existing()));
        try {
            Process process = Training.startClean(builder, directory, errors);
            request(() -> started(new WorkerProcess(workerId, process, errors)));
        } catch (IOException e) {
            request(() -> listener.gone(workerId, "it could not be started: " + e.getMessage()));
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
        training.end();
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
                Integer before = unclaimed.put(peer.pid(), fd);
                if (before != null) {
                    // A worker connects once: a process that does so again is none, and gets no more than one of ours.
                    Sockets.close(before);
                }
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
        WorkerSeats.Seat seat = seats.byFd(fd);
        if (seat != null) {
            if (isOver(fd, seat.seatId(), seat.process())) {
                // That it is gone is heard of with its process.
                seats.hush(seat);
                seat.process().process.destroyForcibly();
            }
            return;
        }
        WorkerProcess worker = byFd.get(fd);
        if (worker == null || !isOver(fd, worker.workerId, worker)) {
            return;
        }
        disconnect(worker);
        // A worker that cannot hear is of no use.
        worker.process.destroyForcibly();
        tellWhenGone(worker);
    }

    /** Hears what there is; true when nothing more will come. */
    private boolean isOver(int fd, int workerId, WorkerProcess worker) {
        try {
            while (true) {
                UnixSeqpacket.Received received = UnixSeqpacket.receive(fd, buffer);
                close(received.passedFd());
                close(received.secondFd());
                if (received.length() < 0) {
                    return false;
                }
                if (received.length() == 0) {
                    return true;
                }
                outOfMemoryKills.alive();
                listener.heard(
                        workerId,
                        Messages.fromWorker(
                                buffer.asSlice(0, received.length()).asByteBuffer()));
            }
        } catch (MalformedMessageException e) {
            end(worker, "it said something that is no message: " + e.getMessage());
        } catch (PosixException e) {
            LOG.atDebug().addKeyValue("worker", workerId).log("connection lost: {}", e.getMessage());
        }
        return true;
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
            String words = worker.lastWords(outOfMemoryKills.recent());
            for (WorkerSeats.Seat seat : seats.of(worker)) {
                boolean _ = isOver(seat.fd(), seat.seatId(), worker);
                seats.close(seat);
                listener.gone(seat.seatId(), words);
            }
            listener.gone(worker.workerId, words);
        }
    }

    private void end(WorkerProcess worker, String reason) {
        if (worker.killedFor == null) {
            worker.killedFor = reason;
        }
        worker.process.destroyForcibly();
    }

    private void sendNow(int workerId, ToWorker message, int passFd, int secondFd) {
        WorkerSeats.Seat seat = seats.byId(workerId);
        WorkerProcess worker = seat == null ? processes.get(workerId) : seat.process();
        if (worker != null && worker.isConnected()) {
            try {
                int fd = seat == null ? worker.fd : seat.fd();
                if (!UnixSeqpacket.send(fd, Messages.encode(message), passFd, secondFd)) {
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
