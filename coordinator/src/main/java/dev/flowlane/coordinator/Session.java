package dev.flowlane.coordinator;

import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.PassedOver;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.ReaderMetrics;
import dev.flowlane.bus.Topic;
import dev.flowlane.bus.TopicLayout;
import dev.flowlane.coordinator.wire.HostAvro;
import dev.flowlane.coordinator.wire.HostEventAvro;
import dev.flowlane.coordinator.wire.Read;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.coordinator.wire.RunCommandAvro;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.Input;
import dev.flowlane.core.run.Limits;
import dev.flowlane.core.run.OpaqueBytes;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The coordinator's life between two replays: it fences whoever was before, reads back what the topics remember, takes
 * the next epoch, and then turns the loop: read, decide, write. Everything in it belongs to one thread. An exception
 * ends the session, whatever it was; the next one begins again from the topics.
 */
final class Session implements AutoCloseable {
    static final String CLIENT_ID = "flowlane-coordinator";

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final int SECRET_BYTES = 32;

    /** Longest sleep of the loop, so that it sees a request to stop and its own watch over the broker. */
    private static final Duration IDLE = Duration.ofMillis(100);

    /**
     * How old the remembered progress on host events may get while nothing is decided. After a crash so much is read
     * again, but never what was said before the last decision: that a host did not have a run which it had not been
     * given yet would be taken for its loss.
     */
    private static final Duration PROGRESS_PERIOD = Duration.ofSeconds(10);

    private final Bus bus;
    private final String prefix;
    private final String groupId;
    private final Limits limits;
    private final BrokerClock clock;
    private final Metrics metrics;
    private final Consumer<Snapshot> publish;
    private final KafkaWatch watch;
    private final Journal journal;
    private final BusReader reader;
    private final Decider decider;
    private final TreeMap<String, Host> hosts = new TreeMap<>();

    private Phase phase = Phase.REPLAYING;
    private long epoch;
    private Map<TopicPartition, Long> rememberedOffsets = Map.of();
    private long rememberedAtNs;
    private final Map<String, Long> deadLettersSeen = new HashMap<>();
    private long deadLettersLostSeen;

    /** Fences every coordinator before this one. */
    Session(
            Bus bus,
            String prefix,
            Limits limits,
            BrokerClock clock,
            Metrics metrics,
            KafkaWatch watch,
            Consumer<Snapshot> publish) {
        this.bus = bus;
        this.prefix = prefix;
        this.limits = limits;
        this.groupId = prefix + "-coordinator";
        this.clock = clock;
        this.metrics = metrics;
        this.watch = watch;
        this.publish = publish;
        this.decider = new Decider();
        this.reader = bus.reader(CLIENT_ID);
        try {
            this.journal = new Journal(bus, CLIENT_ID, groupId, clock, metrics);
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** Reads back what the topics remember and takes the next epoch; afterwards {@link #turn} decides. */
    void takeOver() {
        publish("reading back runs and hosts");
        Replay replay = new Replay();
        boolean foreign = false;
        reader.assign(Topic.RUNS, ReadFrom.BEGINNING);
        reader.assign(Topic.HOSTS, ReadFrom.BEGINNING);
        // Host events go on where the last decision left off: what hosts reported while nobody coordinated is not lost.
        reader.assign(Topic.COMMANDS, ReadFrom.committed(groupId, ReadFrom.BEGINNING));
        reader.assign(Topic.HOST_EVENTS, ReadFrom.committed(groupId, ReadFrom.END));
        reader.holdBack(Topic.COMMANDS);
        reader.holdBack(Topic.HOST_EVENTS);
        while (!reader.caughtUp()) {
            reader.pollNewest(IDLE).forEach(replay::add);
            foreign |= reader.takePassedOver().stream().anyMatch(Session::isEpoch);
        }
        if (foreign && replay.epoch() == 0) {
            throw new IllegalStateException(bus.topicName(Topic.RUNS) + ": nothing that an earlier coordinator wrote"
                    + " can be read: its schema ids are not those of " + bus.schemaIds() + ". An installation has one"
                    + " registry from its first record on: set schema.registry.url as it was, or give another"
                    + " --topic-prefix");
        }
        reader.goOn(Topic.COMMANDS);
        reader.goOn(Topic.HOST_EVENTS);

        phase = Phase.TAKING_OVER;
        publish("writing the epoch");
        epoch = replay.epoch() + 1;
        journal.writeEpoch(epoch);
        hosts.putAll(replay.hosts());
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        Batch batch = new Batch();
        Input.CoordinatorStarted started = new Input.CoordinatorStarted(
                epoch, OpaqueBytes.of(secret), replay.runs(), replay.announcements(), limits);
        decider.start(started, clock.now(), batch);
        journal.write(batch, this::commandsVersion, progress());
        batch.counted().forEach(metrics::count);
        remembered();
        phase = Phase.READY;
        watch.restart();
        publish("");
    }

    /** Epoch of this session; 0 before it has one. */
    long epoch() {
        return epoch;
    }

    /**
     * One turn: waits for records or the next timer, decides, writes.
     *
     * @throws TakenOverException if another coordinator has a higher epoch
     */
    void turn() {
        Iterable<BusRecord<?>> records = reader.poll(decider.untilNextTimer(clock.now(), IDLE));
        long readNs = clock.monotonicNs();
        Batch batch = new Batch();
        for (BusRecord<?> record : records) {
            accept(record, batch);
        }
        boolean silent = watch.silent();
        if (watch.settled()) {
            // While Kafka is silent nobody can be heard, and nobody may be blamed for it.
            decider.fireTimers(clock.now(), batch);
        }
        if (batch.writes()) {
            LOG.atDebug().addKeyValue("took_us", (clock.monotonicNs() - readNs) / 1_000).log("decided");
            journal.write(batch, this::commandsVersion, progress());
            remembered();
        } else if (!silent) {
            rememberProgress(PROGRESS_PERIOD);
        }
        batch.counted().forEach(metrics::count);
        countDeadLetters();
        publish(silent ? watch.problem() : "");
    }

    /** Writes the progress if it is older than {@code age} and has changed. */
    void rememberProgress(Duration age) {
        if (phase == Phase.READY && clock.monotonicNs() - rememberedAtNs >= age.toNanos()) {
            Map<TopicPartition, Long> progress = progress();
            if (!progress.equals(rememberedOffsets)) {
                journal.writeProgress(progress);
            }
            remembered();
        }
    }

    /** Epoch of the coordinator that fenced this one, if it shows up on the bus within {@code atMost}. */
    OptionalLong awaitSuccessor(Duration atMost) {
        long beganNs = clock.monotonicNs();
        while (clock.monotonicNs() - beganNs < atMost.toNanos()) {
            for (BusRecord<?> record : reader.poll(IDLE)) {
                Run run = record.as(Topic.RUNS);
                if (run != null && run.getCoordinatorEpoch() > epoch) {
                    return OptionalLong.of(run.getCoordinatorEpoch());
                }
            }
        }
        return OptionalLong.empty();
    }

    /** Ends a wait of {@link #turn}; from any thread. */
    void wakeup() {
        reader.wakeup();
    }

    /** From any thread. */
    ReaderMetrics readerMetrics() {
        return reader.metrics();
    }

    @Override
    public void close() {
        countDeadLetters();
        try {
            journal.close();
        } finally {
            reader.close();
        }
    }

    private static boolean isEpoch(PassedOver record) {
        return record.topic() == (Topic<?>) Topic.RUNS && record.key().equals(RunAvro.EPOCH_KEY);
    }

    private void accept(BusRecord<?> record, Batch batch) {
        if (record.topic().layout().clock() == TopicLayout.Clock.BROKER) {
            clock.read(record.recordTime());
        }
        Instant now = clock.now();
        RunCommand command = record.as(Topic.COMMANDS);
        if (command != null) {
            decider.command(RunCommandAvro.fromAvro(command, record.key(), record.recordTime()), now, batch);
        }
        HostEvent event = record.as(Topic.HOST_EVENTS);
        if (event != null) {
            input(HostEventAvro.fromAvro(event), record, now, batch);
        }
        if (record.topic() == (Topic<?>) Topic.HOSTS) {
            host(record, now, batch);
        }
        Run run = record.as(Topic.RUNS);
        if (run != null && run.getCoordinatorEpoch() > epoch && record.key().equals(RunAvro.EPOCH_KEY)) {
            throw new TakenOverException(run.getCoordinatorEpoch());
        }
    }

    /** A host that has not announced itself is given nothing that any release could not read. */
    private int commandsVersion(String hostId) {
        Host host = hosts.get(hostId);
        return host == null ? 1 : Math.max(1, host.getHostCommandsVersion());
    }

    private void host(BusRecord<?> record, Instant now, Batch batch) {
        Host host = record.as(Topic.HOSTS);
        if (host == null) {
            hosts.remove(record.key());
            return;
        }
        hosts.put(record.key(), host);
        switch (HostAvro.fromAvro(host)) {
            case Read.Value<HostAnnouncement>(HostAnnouncement announcement) ->
                decider.input(new Input.HostAnnounced(announcement), now, batch);
            case Read.Unreadable<HostAnnouncement>(String why) -> unreadable(record, why);
        }
    }

    private void input(Read<Input> read, BusRecord<?> record, Instant now, Batch batch) {
        switch (read) {
            case Read.Value<Input>(Input input) -> decider.input(input, now, batch);
            case Read.Unreadable<Input>(String why) -> unreadable(record, why);
        }
    }

    private void unreadable(BusRecord<?> record, String why) {
        metrics.unreadable(record.topic().suffix());
        LOG.atWarn()
                .addKeyValue("topic", record.topic().name(prefix))
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("why", why)
                .log("record passed over: it makes no sense");
    }

    /** Next offsets of what is consumed; runs and hosts are replayed from their beginning and have none. */
    private Map<TopicPartition, Long> progress() {
        Map<TopicPartition, Long> progress = new HashMap<>(reader.positions());
        progress.keySet().removeIf(partition -> !partition.topic().equals(Topic.COMMANDS.name(prefix))
                && !partition.topic().equals(Topic.HOST_EVENTS.name(prefix)));
        return progress;
    }

    private void remembered() {
        rememberedOffsets = progress();
        rememberedAtNs = clock.monotonicNs();
    }

    private void countDeadLetters() {
        reader.malformedByTopic().forEach((topic, written) -> {
            String suffix = topic.substring(prefix.length() + 1);
            metrics.deadLetters(suffix, written - deadLettersSeen.getOrDefault(topic, 0L));
            deadLettersSeen.put(topic, written);
        });
        long lost = reader.lostDeadLetters();
        metrics.lostDeadLetters(lost - deadLettersLostSeen);
        deadLettersLostSeen = lost;
    }

    private void publish(String problem) {
        publish.accept(new Snapshot(phase, problem, decider.fleet(), hosts, clock.offset()));
    }
}
