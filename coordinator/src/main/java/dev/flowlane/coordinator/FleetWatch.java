package dev.flowlane.coordinator;

import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.SightingAvro;
import dev.flowlane.page.CpuLoads;
import dev.flowlane.page.Sighting;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/** Reads how busy the CPUs of lanes are while somebody looks at the fleet; on a thread of its own. */
final class FleetWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FleetWatch.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long FORGOTTEN_NS = 30_000_000_000L;

    private final Bus bus;
    private final LongSupplier nanoTime;
    private final CpuLoads loads = new CpuLoads();
    private boolean reading;
    private long lookedAtNs;
    private volatile boolean closed;

    FleetWatch(Bus bus, LongSupplier nanoTime) {
        this.bus = bus;
        this.nanoTime = nanoTime;
    }

    /** Somebody looks: loads come from now on, and for 30 s more. */
    synchronized void look() {
        lookedAtNs = nanoTime.getAsLong();
        if (!reading && !closed) {
            reading = true;
            Thread.ofPlatform().daemon().name("page-fleet").start(this::read);
        }
    }

    /** Share of its time that the CPU was busy, 0 to 1. */
    synchronized OptionalDouble load(String hostId, int cpu) {
        return loads.of(hostId, cpu, nanoTime.getAsLong());
    }

    @Override
    public void close() {
        closed = true;
    }

    private void read() {
        try (BusReader reader = bus.reader("flowlane-page-fleet", OnMalformed.COUNT)) {
            reader.assign(Topic.CPU_USE, ReadFrom.END);
            while (wanted()) {
                for (BusRecord<?> record : reader.poll(POLL)) {
                    SpecificRecord value = record.value();
                    if (value != null && SightingAvro.fromAvro(value) instanceof Sighting.CpuLoad load) {
                        add(load);
                    }
                }
            }
        } catch (BusException | KafkaException e) {
            LOG.atWarn().addKeyValue("why", e.getMessage()).log("no CPU loads for the page");
        } finally {
            synchronized (this) {
                reading = false;
            }
        }
    }

    private synchronized boolean wanted() {
        return !closed && nanoTime.getAsLong() - lookedAtNs < FORGOTTEN_NS;
    }

    private synchronized void add(Sighting.CpuLoad load) {
        loads.add(load, nanoTime.getAsLong());
    }
}
