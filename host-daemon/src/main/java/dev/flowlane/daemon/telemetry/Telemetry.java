package dev.flowlane.daemon.telemetry;

import dev.flowlane.avro.CpuUse;
import dev.flowlane.avro.Latency;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import dev.flowlane.daemon.machine.Accounting;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.IntervalReport;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Publishes the intervals of every flow end of this host and keeps the books of what the brokers acknowledged.
 *
 * <p>Every method returns at once, whatever Kafka does: the work is done by a thread of its own behind a bounded queue.
 * An interval for which there is no room is dropped and declared in the flow end's {@link Accounting}.
 */
public final class Telemetry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);

    /**
     * Intervals that wait for the telemetry thread and for the producer at most. At some 3 KiB each this bounds the
     * memory to 48 MiB, and holds a minute of 256 flow ends at one interval per second.
     */
    private static final int QUEUED_MAX = 16_384;

    /** How long to leave a producer alone that has just taken nothing; asking it takes up to 20 ms. */
    private static final long RETRY_MS = 100;

    private sealed interface Item {
        record Open(Effect.OpenTelemetry opened) implements Item {}

        record Interval(int workerId, IntervalReport interval) implements Item {}

        record Lost(int workerId) implements Item {}

        record Acknowledged(Key key, FlowEndFeed feed, int seq, boolean warmup, @Nullable Throwable failure)
                implements Item {}

        record Close(Key key) implements Item {}

        record GiveUp(Key key) implements Item {}

        record Leave() implements Item {}
    }

    private record Key(RunRef run, FlowEndId end) {}

    private final String hostId;
    private final Consumer<Input> inputs;
    private final FlowFigures figures;
    private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger queuedIntervals = new AtomicInteger();
    private final AtomicLong publishedIntervals = new AtomicLong();
    private final AtomicLong droppedIntervals = new AtomicLong();
    private final Thread thread;

    // Confined to the telemetry thread.
    private final Map<Key, FlowEndFeed> feeds = new HashMap<>();
    private final Map<Integer, Key> keys = new HashMap<>();
    private final Outbox outbox;
    private final RoundTripDecoder decoder = new RoundTripDecoder();

    /**
     * @param writer with the telemetry profile; stays the caller's to close, after this
     * @param inputs is given {@link Input.LaneDrifted} and {@link Input.TelemetrySettled}, on the telemetry thread
     * @param figures is shown every flow end and interval, on the telemetry thread
     */
    public Telemetry(String hostId, BusWriter writer, Consumer<Input> inputs, FlowFigures figures) {
        this(
                hostId,
                new Outbox.Sender() {
                    @Override
                    public <T extends SpecificRecord> CompletableFuture<?> send(Outbox.Letter<T> letter) {
                        return writer.send(letter.topic(), letter.key(), letter.value(), letter.time());
                    }
                },
                inputs,
                figures);
    }

    Telemetry(String hostId, Outbox.Sender sender, Consumer<Input> inputs, FlowFigures figures) {
        this.hostId = hostId;
        this.inputs = inputs;
        this.figures = figures;
        this.outbox = new Outbox(sender);
        this.thread = Thread.ofPlatform().name("telemetry").daemon().unstarted(this::work);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** Intervals of this worker belong to the flow end from now on. */
    public void open(Effect.OpenTelemetry opened) {
        queue.add(new Item.Open(opened));
    }

    /** Takes an interval on its way. */
    public void interval(int workerId, IntervalReport interval) {
        if (queuedIntervals.incrementAndGet() > QUEUED_MAX) {
            queuedIntervals.decrementAndGet();
            droppedIntervals.incrementAndGet();
            queue.add(new Item.Lost(workerId));
            return;
        }
        queue.add(new Item.Interval(workerId, interval));
    }

    /** No more intervals follow; answered as soon as all are acknowledged or failed. */
    public void close(RunRef run, FlowEndId end) {
        queue.add(new Item.Close(new Key(run, end)));
    }

    /** Answered at once: what is not acknowledged by now counts as dropped. */
    public void giveUp(RunRef run, FlowEndId end) {
        queue.add(new Item.GiveUp(new Key(run, end)));
    }

    /** Intervals that the brokers have. */
    public long publishedIntervals() {
        return publishedIntervals.get();
    }

    /** Intervals that arrived here and did not reach the brokers. */
    public long droppedIntervals() {
        return droppedIntervals.get();
    }

    /** Intervals that wait for the telemetry thread. */
    public int queuedIntervals() {
        return queuedIntervals.get();
    }

    /** Ends the thread after what is queued; acknowledgements that come later are not counted. */
    @Override
    public void close() {
        queue.add(new Item.Leave());
    }

    private void work() {
        try {
            long triedNs = System.nanoTime();
            for (Item item = next(); !(item instanceof Item.Leave); item = next()) {
                if (item != null) {
                    carryOut(item);
                }
                if (!outbox.isEmpty() && System.nanoTime() - triedNs >= TimeUnit.MILLISECONDS.toNanos(RETRY_MS)) {
                    outbox.retry();
                    triedNs = System.nanoTime();
                }
            }
            outbox.retry();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is to be done next; null: nothing, but what is left in the outbox may be tried again. */
    private @Nullable Item next() throws InterruptedException {
        return outbox.isEmpty() ? queue.take() : queue.poll(RETRY_MS, TimeUnit.MILLISECONDS);
    }

    private void carryOut(Item item) {
        switch (item) {
            case Item.Open(Effect.OpenTelemetry opened) -> {
                Key key = new Key(opened.run(), opened.assignment().end());
                feeds.put(key, new FlowEndFeed(hostId, opened));
                keys.put(opened.workerId(), key);
                figures.open(opened);
            }
            case Item.Interval(int workerId, IntervalReport interval) -> {
                Key key = keys.get(workerId);
                FlowEndFeed feed = key == null ? null : feeds.get(key);
                if (key != null && feed != null) {
                    publish(key, feed, interval);
                } else {
                    queuedIntervals.decrementAndGet();
                }
            }
            case Item.Lost(int workerId) -> {
                Key key = keys.get(workerId);
                FlowEndFeed feed = key == null ? null : feeds.get(key);
                if (feed != null) {
                    feed.lost();
                }
            }
            case Item.Acknowledged(
                    Key key, FlowEndFeed feed, int seq, boolean warmup, @Nullable Throwable failure) -> {
                (failure == null ? publishedIntervals : droppedIntervals).incrementAndGet();
                if (failure != null && feed.dropped() == 0) {
                    LOG.atWarn()
                            .addKeyValue("flow", key.end().flowId())
                            .addKeyValue("seq", seq)
                            .log("an interval did not reach Kafka, the first of this flow end: {}", reason(failure));
                }
                feed.acknowledged(warmup, failure == null);
                settleIfDone(key, feeds.get(key));
            }
            case Item.Close(Key key) -> {
                FlowEndFeed feed = feeds.get(key);
                if (feed == null) {
                    // It never had a lane, so it never had an interval.
                    inputs.accept(new Input.TelemetrySettled(key.run(), key.end(), Accounting.NONE));
                } else {
                    feed.close();
                    settleIfDone(key, feed);
                }
            }
            case Item.GiveUp(Key key) -> {
                FlowEndFeed feed = feeds.get(key);
                if (feed != null) {
                    settle(key, feed);
                }
            }
            case Item.Leave() -> {}
        }
    }

    private void publish(Key key, FlowEndFeed feed, IntervalReport report) {
        DecodedInterval interval;
        try {
            interval = DecodedInterval.of(report, decoder);
        } catch (IllegalArgumentException e) {
            queuedIntervals.decrementAndGet();
            droppedIntervals.incrementAndGet();
            feed.lost();
            LOG.atWarn()
                    .addKeyValue("flow", key.end().flowId())
                    .addKeyValue("seq", report.seq())
                    .setCause(e)
                    .log("interval cannot be read and is dropped");
            return;
        }
        FlowEndFeed.Lane lane = feed.arrived(interval);
        // Before the records of the interval: those may wait for Kafka, this is what somebody acts on.
        lane.news().forEach(drift -> inputs.accept(new Input.LaneDrifted(key.run(), drift)));
        try {
            outbox.add(
                    letters(feed, interval, lane.reason()),
                    queuedIntervals::decrementAndGet,
                    failure -> queue.add(new Item.Acknowledged(key, feed, report.seq(), report.warmup(), failure)));
        } catch (RuntimeException e) {
            queuedIntervals.decrementAndGet();
            LOG.atWarn()
                    .addKeyValue("flow", key.end().flowId())
                    .addKeyValue("seq", report.seq())
                    .setCause(e)
                    .log("interval could not be published");
            queue.add(new Item.Acknowledged(key, feed, report.seq(), report.warmup(), e));
        }
        count(key, interval, lane);
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        return cause.toString();
    }

    private void count(Key key, DecodedInterval interval, FlowEndFeed.Lane lane) {
        try {
            figures.interval(key.run(), key.end(), interval, lane.left());
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("flow", key.end().flowId())
                    .addKeyValue("seq", interval.report().seq())
                    .setCause(e)
                    .log("interval is not in the metrics");
        }
    }

    private static List<Outbox.Letter<?>> letters(
            FlowEndFeed feed, DecodedInterval decoded, @Nullable String driftReason) {
        IntervalReport interval = decoded.report();
        IntervalRecords records = feed.records();
        Instant time = IntervalRecords.eventTime(interval);
        String flowId = feed.opened().assignment().end().flowId();
        List<Outbox.Letter<?>> letters = new ArrayList<>();
        letters.add(new Outbox.Letter<>(Topic.FLOW_STATS, flowId, records.flowStats(interval), time));
        if (!records.overUdp()) {
            letters.add(new Outbox.Letter<>(
                    Topic.TCP_STATS, flowId, records.tcpStats(decoded, feed.replacePrevious(decoded)), time));
        }
        letters.add(new Outbox.Letter<>(
                Topic.CPU_PLACEMENT, flowId, records.cpuPlacement(interval, driftReason), time));
        for (CpuUse cpuUse : records.cpuUses(interval)) {
            letters.add(new Outbox.Letter<>(Topic.CPU_USE, flowId, cpuUse, time));
        }
        for (Latency latency : records.latencies(decoded)) {
            letters.add(new Outbox.Letter<>(Topic.LATENCY, flowId, latency, time));
        }
        return letters;
    }

    private void settleIfDone(Key key, @Nullable FlowEndFeed feed) {
        if (feed != null && feed.isSettled()) {
            settle(key, feed);
        }
    }

    private void settle(Key key, FlowEndFeed feed) {
        feeds.remove(key, feed);
        keys.remove(feed.opened().workerId(), key);
        inputs.accept(new Input.TelemetrySettled(key.run(), key.end(), feed.accounting()));
    }
}
