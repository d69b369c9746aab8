package dev.flowlane.coordinator;

import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.Finding;
import dev.flowlane.bus.Seat;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.Limits;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The loop's thread: one {@link Session} after the other until it is told to stop. It waits for Kafka, for the topics
 * and for its turn as long as it takes, and says what it waits for.
 *
 * <p>Of several coordinators the one in the {@link Seat} decides and the others stand by. That only keeps them from
 * fencing each other for nothing: what makes sure that one decides is the fence, and whoever is fenced stands by again.
 */
final class Coordinator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(250);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    /** How long one question to Kafka may take while nobody is known to be there. */
    private static final Duration REACH = Duration.ofSeconds(2);

    /** Silence before the first complaint, and between complaints. */
    private static final Duration COMPLAIN_AFTER = Duration.ofSeconds(5);

    private static final Duration COMPLAIN_AGAIN = Duration.ofSeconds(30);

    /** Ends of the waits for the seat: short for the one that gets it at once, longer for those that stand by. */
    private static final Duration SEAT_SOON = Duration.ofMillis(20);

    private static final Duration SEAT_LATER = Duration.ofMillis(200);

    /** How often the one in the seat shows that it does not hang. */
    private static final Duration SEAT_KEPT = Duration.ofSeconds(1);

    /** A successor replays before it writes its epoch; one that is not seen after this does not exist. */
    private static final Duration SUCCESSOR = Duration.ofSeconds(10);

    /** How a coordinator's life ended. */
    enum Ending {
        /** It was told to stop. */
        STOPPED,
        /** Its settings are no good. */
        MISCONFIGURED
    }

    private final BusSettings settings;
    private final Limits limits;
    private final Bus bus;
    private final Metrics metrics;
    private final Consumer<Snapshot> publish;
    private final Consumer<Snapshot> onReady;
    private final BrokerClock clock;
    private final ClientMetrics client;
    private final KafkaWatch watch;
    private final Thread thread;
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();
    /** Of the loop's thread: whether the present session was announced to {@code onReady}. */
    private boolean announced;
    /** Of the loop's thread: its place in the line; null before the first and after it was fenced. */
    private @Nullable Seat seat;

    private volatile boolean stopping;
    private volatile @Nullable Session session;

    /**
     * A coordinator that is not started yet.
     *
     * @param limits for runs that are asked for
     * @param client is told whose figures to give
     * @param publish gets a snapshot after every turn, on the loop's thread
     * @param onReady gets one whenever the coordinator begins to decide
     */
    Coordinator(
            BusSettings settings,
            Limits limits,
            Metrics metrics,
            ClientMetrics client,
            Consumer<Snapshot> publish,
            Consumer<Snapshot> onReady) {
        this.settings = settings;
        this.limits = limits;
        this.bus = new Bus(settings);
        this.metrics = metrics;
        this.client = client;
        this.publish = publish;
        this.onReady = onReady;
        this.clock = new BrokerClock(InstantSource.system(), System::nanoTime);
        this.watch = new KafkaWatch(client::fetchesAnswered, System::nanoTime);
        this.thread = Thread.ofPlatform().name("coordinator").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Completes when the loop has ended. */
    CompletableFuture<Ending> ending() {
        return ending;
    }

    /** Asks the loop to end after the turn it is in. From any thread. */
    void stop() {
        stopping = true;
        Session current = session;
        if (current == null) {
            // It waits for Kafka, and nothing is lost when that wait is cut short.
            thread.interrupt();
        } else {
            current.wakeup();
        }
    }

    /** Asks the loop to end and waits for it, up to a bound. */
    @Override
    public void close() {
        stop();
        try {
            thread.join(Duration.ofMillis(800));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Duration backoff = FIRST_BACKOFF;
        try {
            while (!stopping) {
                try {
                    awaitTopics();
                    Seat taken = awaitSeat();
                    backoff = FIRST_BACKOFF;
                    if (!stopping) {
                        decide(taken);
                    }
                } catch (TakenOverException e) {
                    LOG.warn("{}; this one stands by", e.getMessage());
                    // Whatever it was told of the seat is older than that.
                    leaveSeat();
                } catch (InterruptException e) {
                    // Thrown by Kafka's clients when stop() interrupts; the loop's condition decides.
                    backoff = FIRST_BACKOFF;
                } catch (KafkaException | BusException | IllegalStateException e) {
                    if (stopping) {
                        break;
                    }
                    if (isMisconfigured(e)) {
                        LOG.error("Kafka's client does not take its settings: {}", rootMessage(e));
                        ending.complete(Ending.MISCONFIGURED);
                        return;
                    }
                    metrics.restarted();
                    publishWaiting(Phase.REACHING_KAFKA, rootMessage(e));
                    LOG.atWarn().addKeyValue("why", rootMessage(e)).addKeyValue("retry_ms", backoff.toMillis())
                            .log("begins again from the topics");
                    LOG.debug("the reason in full", e);
                    Thread.sleep(backoff);
                    backoff = backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) < 0
                            ? backoff.multipliedBy(2)
                            : LONGEST_BACKOFF;
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("interrupted while waiting");
        } finally {
            // Left over from stop(), it would keep the brokers from being told.
            boolean _ = Thread.interrupted();
            leaveSeat();
            ending.complete(Ending.STOPPED);
        }
    }

    /** Waits until this coordinator is the one that may decide. */
    private Seat awaitSeat() {
        Seat current = seat;
        if (current == null) {
            current = bus.seat(Session.CLIENT_ID + "-seat", settings.prefix() + "-coordinator-seat", Topic.COMMANDS);
            seat = current;
        }
        boolean told = false;
        publishWaiting(Phase.STANDING_BY, "asking whether another coordinator decides");
        while (!current.poll(told ? SEAT_LATER : SEAT_SOON) && !stopping) {
            if (current.taken() && !told) {
                told = true;
                LOG.info("standing by: another coordinator decides, and this one will when it has ended");
                publishWaiting(Phase.STANDING_BY, "another coordinator decides; this one will when it has ended");
            }
        }
        return current;
    }

    private void leaveSeat() {
        Seat left = seat;
        seat = null;
        if (left != null) {
            try {
                left.close();
            } catch (KafkaException e) {
                // The brokers will find out.
                LOG.debug("the seat was not left in order", e);
            }
        }
    }

    private void decide(Seat taken) {
        publishWaiting(Phase.FENCING, "fencing whoever coordinated before");
        try (Session current =
                new Session(bus, settings.prefix(), limits, clock, metrics, watch, this::publishDeciding)) {
            session = current;
            client.of(current.readerMetrics());
            try {
                current.takeOver();
                long keptAtNs = System.nanoTime();
                while (!stopping) {
                    current.turn();
                    if (System.nanoTime() - keptAtNs >= SEAT_KEPT.toNanos()) {
                        keptAtNs = System.nanoTime();
                        // Whether it still has it makes no difference: the fence ends this session when it must.
                        taken.poll(Duration.ZERO);
                    }
                }
                current.rememberProgress(Duration.ZERO);
            } catch (KafkaException e) {
                throw isFenced(e) ? fenced(current, e) : e;
            } finally {
                session = null;
                client.of(null);
            }
        }
    }

    /** Publishes a session's snapshots, and tells when it begins to decide. */
    private void publishDeciding(Snapshot snapshot) {
        publish.accept(snapshot);
        boolean ready = snapshot.phase() == Phase.READY;
        if (ready && !announced) {
            onReady.accept(snapshot);
        }
        announced = ready;
    }

    /** Names the successor, if there is one: a broker also fences a producer that slept through a transaction. */
    private RuntimeException fenced(Session current, KafkaException fence) {
        publishWaiting(Phase.FENCING, "fenced; looking for who did it");
        OptionalLong successor = current.awaitSuccessor(SUCCESSOR);
        return successor.isPresent() ? new TakenOverException(successor.getAsLong()) : fence;
    }

    /** Waits for a broker, then for the topics to be as they must be. */
    private void awaitTopics() throws InterruptedException {
        long beganNs = System.nanoTime();
        Duration complainAfter = COMPLAIN_AFTER;
        Set<Finding> told = new HashSet<>();
        while (!stopping) {
            Phase phase = Phase.REACHING_KAFKA;
            String problem;
            try {
                bus.admin().waitUntilReachable(REACH);
                phase = Phase.CHECKING_TOPICS;
                List<Finding> findings = bus.admin().verify();
                if (findings.isEmpty()) {
                    return;
                }
                for (Finding finding : findings) {
                    if (told.add(finding)) {
                        LOG.error("topic {}: {}. To mend it: {}", finding.topic(), finding.problem(), finding.mend());
                    }
                }
                Finding first = findings.getFirst();
                problem = "topic " + first.topic() + ": " + first.problem() + "; to mend it: " + first.mend();
            } catch (BusException e) {
                problem = String.valueOf(e.getMessage());
            }
            publishWaiting(phase, problem);
            Duration waited = Duration.ofNanos(System.nanoTime() - beganNs);
            if (phase == Phase.REACHING_KAFKA && waited.compareTo(complainAfter) >= 0) {
                LOG.warn("no Kafka broker answers at {} since {} s; trying on. Is it running, is the address right?",
                        settings.bootstrapServers(), waited.toSeconds());
                complainAfter = waited.plus(COMPLAIN_AGAIN);
            }
            Thread.sleep(FIRST_BACKOFF);
        }
    }

    private void publishWaiting(Phase phase, String problem) {
        announced = false;
        publish.accept(new Snapshot(phase, problem, FleetState.INITIAL, Map.of(), clock.offset()));
    }

    private static boolean isFenced(KafkaException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    private static boolean isMisconfigured(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConfigException) {
                return true;
            }
        }
        return false;
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null ? root.getClass().getSimpleName() : message;
    }
}
