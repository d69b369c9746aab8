package dev.flowlane.daemon;

import dev.flowlane.avro.HostCommand;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.Partitioner;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.wire.CommandFromAvro;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads this host's commands, from the end of its partition on, on a thread of its own. Begins whenever the broker and
 * the topic are there, and begins anew after what a Kafka client does not mend by itself.
 */
final class CommandReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommandReader.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final long PAUSE_MS = 100;
    private static final long PAUSE_MAX_MS = 1000;
    private static final long LOG_PERIOD_NS = Duration.ofSeconds(30).toNanos();
    private static final long JOIN_MS = 300;

    private final Bus bus;
    private final String hostId;
    private final BrokerClock brokerClock;
    private final Consumer<Input> inputs;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "command-reader");
    private volatile @Nullable BusReader reader;
    private volatile boolean connected;
    private volatile String problem = "not connected yet";
    private volatile long malformed;
    private long malformedBefore;
    private boolean everLogged;
    private long loggedNs;

    CommandReader(Bus bus, String hostId, BrokerClock brokerClock, Consumer<Input> inputs) {
        this.bus = bus;
        this.hostId = hostId;
        this.brokerClock = brokerClock;
        this.inputs = inputs;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Whether commands are being read. */
    boolean isConnected() {
        return connected;
    }

    /** What keeps it from reading, for a person. */
    String problem() {
        return problem;
    }

    /** Records of this host's partition that could not be decoded. */
    long malformed() {
        return malformed;
    }

    /** Records that are there but were not read yet; not a number while that is not known. */
    double lagRecords() {
        BusReader now = reader;
        return now == null ? Double.NaN : now.metrics().lagRecords().orElse(Double.NaN);
    }

    private void run() {
        long pauseMs = PAUSE_MS;
        while (closing.getCount() > 0) {
            try (BusReader opened = bus.reader("host-daemon-" + hostId + "-commands")) {
                reader = opened;
                begin(opened);
                pauseMs = PAUSE_MS;
                read(opened);
            } catch (BusException | KafkaException e) {
                failed(e);
                pauseMs = Math.min(PAUSE_MAX_MS, pause(pauseMs) * 2);
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("reading commands failed");
                failed(e);
                pauseMs = pause(PAUSE_MAX_MS);
            } finally {
                connected = false;
                reader = null;
                malformedBefore = malformed;
            }
        }
    }

    private void begin(BusReader opened) {
        // Others' commands share the partition and are nobody's business here.
        opened.onlyKey(hostId);
        int partition = Partitioner.partitionFor(hostId, opened.partitionCount(Topic.HOST_COMMANDS));
        opened.assignPartition(Topic.HOST_COMMANDS, partition, ReadFrom.END);
        connected = true;
        LOG.atInfo().addKeyValue("partition", partition).log("reading commands");
        inputs.accept(new Input.BusReady());
    }

    private void read(BusReader opened) {
        while (closing.getCount() > 0) {
            for (BusRecord<?> record : opened.poll(POLL)) {
                HostCommand command = record.as(Topic.HOST_COMMANDS);
                if (command != null && command.getHostId().equals(hostId)) {
                    inputs.accept(CommandFromAvro.input(command, brokerClock.now(record.recordTime())));
                }
            }
            malformed = malformedBefore + opened.malformed();
        }
    }

    private void failed(Exception e) {
        problem = String.valueOf(e.getMessage());
        long nowNs = System.nanoTime();
        if (!everLogged || nowNs - loggedNs > LOG_PERIOD_NS) {
            everLogged = true;
            loggedNs = nowNs;
            LOG.atWarn().log("no commands can be read, trying again: {}", problem);
        }
    }

    private long pause(long pauseMs) {
        try {
            boolean _ = closing.await(pauseMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return pauseMs;
    }

    @Override
    public void close() {
        closing.countDown();
        BusReader current = reader;
        if (current != null) {
            current.wakeup();
        }
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
