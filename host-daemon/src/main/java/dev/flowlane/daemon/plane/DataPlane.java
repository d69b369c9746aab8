package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.SocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The thread that owns every data connection until a worker gets it. Its methods may be called by any thread: they hand
 * over and return.
 */
public final class DataPlane implements AutoCloseable {
    /** Told on the plane's thread; must not wait. */
    public interface Listener {
        /** Candidates of this end are open, or failed. */
        void candidatesKnown(RunRef run, List<Candidate> candidates);

        /** An open candidate was closed by its peer. */
        void candidateLost(RunRef run, CandidateKey candidate);

        void handshakeEnded(HandshakeOutcome outcome);
    }

    /** Who decides the receive CPU of a connection; asked on the plane's thread. */
    @FunctionalInterface
    public interface SteeringOf {
        Steering connection(InetAddress local, InetAddress remote);
    }

    /**
     * An open connection that is handed over.
     *
     * @param fd the taker's to close
     * @param secret that both ends have
     * @param datagramFd the UDP socket beside it, likewise the taker's; -1: there is none
     */
    public record Taken(int fd, FlowSecret secret, int datagramFd) {}

    private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
    private static final int BACKLOG = 1024;
    private static final int EVENTS = 256;
    private static final long WAKE_TOKEN = 0;
    private static final long JOIN_MS = Duration.ofSeconds(1).toMillis();

    private final Epoll epoll;
    private final EventFd wake = EventFd.create();
    private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final Connections connections;
    private final Thread thread;
    private volatile boolean closing;
    /** No {@link #wake} any more; guarded by it. */
    private boolean closed;

    private DataPlane(List<InetSocketAddress> locals, SteeringOf steering, Listener listener) {
        epoll = Epoll.create(EVENTS);
        connections = new Connections(epoll, steering, listener);
        try {
            epoll.add(wake.fd(), Epoll.IN, WAKE_TOKEN);
            for (InetSocketAddress local : locals) {
                int fd = Sockets.listen(local, BACKLOG);
                connections.listenOn(fd);
                addresses.add(Sockets.localAddress(fd));
            }
        } catch (PosixException e) {
            connections.closeAll();
            wake.close();
            epoll.close();
            throw e;
        }
        thread = new Thread(this::run, "data-plane");
        thread.setDaemon(true);
    }

    /**
     * Opens the standing listeners and begins to serve them.
     *
     * @param locals addresses to listen on; port 0 lets the kernel choose
     * @throws PosixException when one of them cannot be had; none is open then
     */
    public static DataPlane open(List<InetSocketAddress> locals, SteeringOf steering, Listener listener) {
        DataPlane plane = new DataPlane(locals, steering, listener);
        plane.thread.start();
        return plane;
    }

    /** Where it listens, in the order of opening. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** Lets in connections that prove they belong to the run, at most {@code candidatesMax} at a time. */
    public void expect(RunRef run, RunKey key, int candidatesMax) {
        request(() -> connections.expect(run, key, candidatesMax));
    }

    /** As {@link #connect(RunRef, RunKey, List, SocketOptions, boolean)}, for traffic over TCP. */
    public void connect(RunRef run, RunKey key, List<Effect.Attempt> attempts, SocketOptions options) {
        connect(run, key, attempts, options, false);
    }

    /**
     * Opens connections; each becomes known to the listener, open or failed, within a bounded time.
     *
     * @param datagrams whether each is to have UDP sockets beside it, connected to each other
     */
    public void connect(
            RunRef run, RunKey key, List<Effect.Attempt> attempts, SocketOptions options, boolean datagrams) {
        request(() -> connections.connect(run, key, attempts, options, datagrams));
    }

    /** Closes open connections of a run; its others go on. */
    public void closeConnections(RunRef run, Set<CandidateKey> which) {
        request(() -> connections.close(run, which));
    }

    /** Closes the run's other connections and lets in no more. */
    public void keepOnly(RunRef run, Set<CandidateKey> keep) {
        request(() -> connections.keepOnly(run, keep));
    }

    /** Closes all that is left of the run. */
    public void forget(RunRef run) {
        request(() -> connections.forget(run));
    }

    /**
     * Hands an open connection over; the caller closes the descriptors. Fails with an {@link IllegalStateException}
     * when it is not open (any more).
     */
    public CompletableFuture<Taken> take(RunRef run, CandidateKey candidate) {
        CompletableFuture<Taken> taken = new CompletableFuture<>();
        request(() -> {
            try {
                taken.complete(connections.take(run, candidate));
            } catch (IllegalStateException | PosixException e) {
                taken.completeExceptionally(e);
            }
        });
        return taken;
    }

    private void request(Runnable request) {
        requests.add(request);
        wakeUp();
    }

    /** The descriptor's number may be another's as soon as it is closed. */
    private void wakeUp() {
        synchronized (wake) {
            if (!closed) {
                wake.signal();
            }
        }
    }

    private void run() {
        HandshakeWarmUp.run();
        while (!closing) {
            try {
                turn();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("a turn of the data plane failed");
            }
        }
        connections.closeAll();
        synchronized (wake) {
            closed = true;
            wake.close();
        }
        epoll.close();
    }

    private void turn() {
        int events = epoll.await(connections.waitNs(System.nanoTime()));
        long nowNs = System.nanoTime();
        for (int i = 0; i < events; i++) {
            long token = epoll.token(i);
            if (token == WAKE_TOKEN) {
                wake.drain();
            } else {
                connections.ready(token, epoll.events(i), nowNs);
            }
        }
        for (Runnable request = requests.poll(); request != null; request = requests.poll()) {
            request.run();
        }
        connections.expire(System.nanoTime());
        connections.report();
    }

    /** Closes every connection and listener; waits up to a second for the thread. */
    @Override
    public void close() {
        closing = true;
        if (thread.isAlive()) {
            wakeUp();
            try {
                thread.join(JOIN_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
