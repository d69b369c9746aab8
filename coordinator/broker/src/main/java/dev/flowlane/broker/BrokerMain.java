package dev.flowlane.broker;

import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The broker as a program of its own. It serves until SIGTERM or, with {@code --exit-with-stdin}, the end of standard
 * input. Exit codes: 0 stopped as asked, 1 failed while serving, 2 wrong command line, 3 cannot start. One line on
 * standard error tells why it failed.
 */
public final class BrokerMain {
    private static final Logger LOG = Logger.getLogger(BrokerMain.class.getName());
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;
    private static final int EXIT_CANNOT_START = 3;

    /** Much longer than it takes, unless the disk is slow; less than a local fleet waits before it kills. */
    private static final long STOP_TIMEOUT_MS = 10_000;

    private final BrokerArguments arguments;
    private final BrokerStorage storage;
    private final AtomicBoolean ending = new AtomicBoolean();
    private volatile boolean ownsFolder;

    /** Locked from the start to the end of the process; a channel that nobody holds would be closed with its lock. */
    private @Nullable FileChannel folderLock;

    private volatile @Nullable KafkaRaftServer server;

    /** Why there can be no broker; the message is for the user. */
    private static final class CannotStart extends Exception {
        private static final long serialVersionUID = 1L;

        CannotStart(String message) {
            super(message);
        }
    }

    private BrokerMain(BrokerArguments arguments) {
        this.arguments = arguments;
        this.storage = new BrokerStorage(arguments.dataDir());
    }

    /** Runs the broker; returns only when Kafka stops without being asked. */
    public static void main(String[] arguments) {
        BrokerArguments parsed;
        try {
            parsed = BrokerArguments.parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println("broker: " + e.getMessage());
            System.exit(EXIT_USAGE);
            return;
        }
        new BrokerMain(parsed).run();
    }

    private void run() {
        // Kafka ends its JVM from whatever thread finds a fatal error; the message and the exit code are ours.
        Exit.setExitProcedure((_, message) -> fail(message, null));
        Exit.setHaltProcedure((_, message) -> fail(message, null));
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop-on-signal").unstarted(this::stop));
        if (arguments.exitWithStdin()) {
            Thread.ofPlatform().daemon().name("stop-with-stdin").start(this::stopAtEndOfStdin);
        }
        try {
            start();
            if (server != null) {
                server.awaitShutdown();
            }
            fail("Kafka stopped without being asked", null);
        } catch (CannotStart e) {
            end(EXIT_CANNOT_START, "cannot start: " + e.getMessage());
        } catch (Exception | LinkageError e) {
            fail(null, e);
        }
    }

    private void start() throws Exception {
        long startedNs = System.nanoTime();
        try {
            Files.createDirectories(arguments.dataDir());
            folderLock = FileChannel.open(
                    arguments.dataDir().resolve("broker.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new CannotStart("cannot write to " + arguments.dataDir() + ": " + e);
        }
        if (folderLock.tryLock() == null) {
            throw new CannotStart("another broker is using " + arguments.dataDir());
        }
        ownsFolder = true;
        deletePortFile();
        BrokerLog.open(storage.log());
        int port = port("--port", arguments.port(), arguments.controllerPort());
        int controllerPort = port("--controller-port", arguments.controllerPort(), port);
        Properties properties = BrokerProperties.of(storage.data(), arguments.address(), port, controllerPort);
        BrokerStorage.writeAtomically(storage.properties(), BrokerProperties.text(properties));
        storage.formatIfNew();

        KafkaRaftServer starting = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        // Returns when the controller has admitted the broker and the broker answers its clients.
        starting.startup();
        server = starting;
        Thread.ofPlatform().daemon().name("lz4").start(Lz4Library::load);
        if (arguments.portFile() != null) {
            BrokerStorage.writeAtomically(arguments.portFile(), port + "\n");
        }
        LOG.info("serving at " + BrokerProperties.hostAndPort(arguments.address(), port) + " after "
                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs) + " ms");
    }

    private static int port(String option, int asked, int taken) throws CannotStart, IOException {
        if (asked == 0) {
            return FreePort.find(taken);
        }
        if (!FreePort.isFree(asked)) {
            throw new CannotStart("port " + asked + " (" + option + ") is in use");
        }
        return asked;
    }

    private void stopAtEndOfStdin() {
        try {
            // Nothing is expected there but its end.
            var _ = System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "standard input failed, which counts as its end", e);
        }
        stop();
    }

    /** Stops in bounded time and ends the process: what is not closed by then is recovered at the next start. */
    private void stop() {
        if (!ending.compareAndSet(false, true)) {
            return;
        }
        deletePortFile();
        KafkaRaftServer running = server;
        if (running != null) {
            CountDownLatch closed = new CountDownLatch(1);
            Thread.ofPlatform().daemon().name("stop").start(() -> {
                running.shutdown();
                closed.countDown();
            });
            try {
                if (!closed.await(STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                    LOG.warning("not stopped within " + STOP_TIMEOUT_MS + " ms; the next start recovers");
                }
            } catch (InterruptedException e) {
                LOG.warning("interrupted while stopping; the next start recovers");
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private void fail(@Nullable String kafkaMessage, @Nullable Throwable cause) {
        String reason = kafkaMessage;
        if (cause != null) {
            LOG.log(Level.SEVERE, "fatal", cause);
            reason = deepest(cause).toString();
        }
        if (reason == null) {
            reason = BrokerLog.lastError();
        }
        if (server != null) {
            end(EXIT_FAILED, "failed: " + reason + "; log: " + storage.log());
        } else {
            end(EXIT_CANNOT_START, "cannot start: " + reason + "; log: " + storage.log() + "; if the data is damaged,"
                    + " remove " + storage.data() + " to begin anew without its runs and results");
        }
    }

    /** Ends the process with one line that tells why; only the first of several reasons counts. */
    private void end(int exitCode, String message) {
        if (ending.compareAndSet(false, true)) {
            deletePortFile();
            System.err.println("broker: " + message);
            Runtime.getRuntime().halt(exitCode);
        }
    }

    private static Throwable deepest(Throwable error) {
        Throwable deepest = error;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest;
    }

    private void deletePortFile() {
        if (ownsFolder && arguments.portFile() != null) {
            try {
                Files.deleteIfExists(arguments.portFile());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the port file stays behind", e);
            }
        }
    }
}
