package dev.flowlane.daemon;

import dev.flowlane.avro.Host;
import dev.flowlane.daemon.inventory.EnvironmentReader;
import dev.flowlane.daemon.inventory.FeatureReader;
import dev.flowlane.daemon.inventory.Nic;
import dev.flowlane.daemon.inventory.NicReader;
import dev.flowlane.daemon.inventory.SteeringDetector;
import dev.flowlane.daemon.inventory.SteeringLookup;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What the daemon announces, with the interfaces, the kernel's features and the environment as they are now. Interrupts
 * move (irqbalance), masks and sysctls are written, links come and go, modules are loaded, huge pages reserved: so all
 * are looked at again from time to time, and a record that differs is announced anew. For one thread.
 */
final class HostAnnouncer {
    /** Between two looks: often enough for a person, and a few hundred small files each. */
    static final Duration LOOK_PERIOD = Duration.ofSeconds(30);

    private final HostRecord host;
    private final SteeringLookup steering;
    private final NicReader reader;
    private final FeatureReader features;
    private final EnvironmentReader environment;
    private final LongSupplier clockNs;
    private @Nullable Host announced;
    private HostRecord.Observed observed = HostRecord.Observed.NOTHING;
    private long lookedNs;

    /** {@code clockNs} is monotonic. */
    HostAnnouncer(
            HostRecord host,
            SteeringLookup steering,
            NicReader reader,
            FeatureReader features,
            EnvironmentReader environment,
            LongSupplier clockNs) {
        this.host = host;
        this.steering = steering;
        this.reader = reader;
        this.features = features;
        this.environment = environment;
        this.clockNs = clockNs;
    }

    /** The record to announce now. A daemon that leaves does not look again. */
    Host announce(boolean online, Instant now) {
        SteeringDetector detector = steering.fresh();
        if (online) {
            look(detector);
        }
        Host record = host.avro(online, detector, observed, now);
        announced = record;
        return record;
    }

    /** The record, when something differs from what was announced; looks at most once in {@link #LOOK_PERIOD}. */
    Optional<Host> changed(Instant now) {
        Host before = announced;
        if (before == null || clockNs.getAsLong() - lookedNs < LOOK_PERIOD.toNanos()) {
            return Optional.empty();
        }
        SteeringDetector detector = steering.fresh();
        look(detector);
        Host record = host.avro(true, detector, observed, before.getEventTime());
        if (record.equals(before)) {
            return Optional.empty();
        }
        record.setEventTime(now);
        announced = record;
        return Optional.of(record);
    }

    private void look(SteeringDetector detector) {
        List<Nic> nics = reader.read(host.interfaces(detector));
        observed = new HostRecord.Observed(nics, features.read(), environment.read(host.machine(), nics));
        lookedNs = clockNs.getAsLong();
    }
}
