package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the coordinator knows of one host.
 *
 * @param announced its newest host record
 * @param instanceId newest instance that was heard of; {@code announced} is of an older one while a restarted daemon's
 *     host record is on its way
 * @param lastWordAt when anything of it was last read
 * @param leaseCheckAt when the lease is looked at next
 * @param lastEventTime newest of its event times of this instance, by its own clock
 * @param brokerClockOffsetNs broker's clock minus the host's; null: not known yet
 * @param liveRunIds runs that it still held anything of when it last said so
 * @param missedRunIds runs that it should have held but did not name the last time
 * @param waiting host record of another instance that seems to be older, by clocks that may have been set meanwhile:
 *     taken when that instance is heard of once the lease of the current one has run out; null: there is none
 */
public record HostView(
        HostAnnouncement announced,
        String instanceId,
        Liveness liveness,
        Instant lastWordAt,
        Instant leaseCheckAt,
        Instant lastEventTime,
        @Nullable Long brokerClockOffsetNs,
        int warmWorkers,
        Set<String> liveRunIds,
        Set<String> missedRunIds,
        @Nullable HostAnnouncement waiting) {

    public HostView {
        liveRunIds = Collections.unmodifiableSortedSet(new TreeSet<>(liveRunIds));
        missedRunIds = Collections.unmodifiableSortedSet(new TreeSet<>(missedRunIds));
    }

    /** Whether a host can be given work. */
    public enum Liveness {
        /** Its lease runs. */
        ONLINE,
        /** It ended in order. */
        OFFLINE,
        /** Its lease ran out. */
        LOST
    }

    /** Its id. */
    public String hostId() {
        return announced.hostId();
    }

    /** The kernel under it. */
    public String machineId() {
        return announced.cpus().machineId();
    }

    /** Whether its host record is that of the running daemon, so that its addresses and CPUs can be used. */
    public boolean inventoryKnown() {
        return announced.instanceId().equals(instanceId);
    }
}
