package dev.flowlane.core.run;

import dev.flowlane.core.run.HostView.Liveness;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** Which hosts are there, and what follows when one is gone. */
final class Hosts {
    private Hosts() {}

    /** What a word is worth. */
    enum Hearing {
        /** Of an unknown host, or of a daemon that has been replaced or has said goodbye. */
        IGNORED,
        /** Of the running daemon, but not newer than what is known: delivered twice or late. */
        OLD,
        /** The newest word of the running daemon. */
        NEWEST
    }

    static void announced(Turn turn, HostAnnouncement announcement) {
        HostView host = turn.host(announcement.hostId());
        if (host == null) {
            turn.put(first(turn, announcement));
            if (announcement.online()) {
                armLease(turn, announcement.hostId(), turn.now().plus(announcement.lease()));
                turn.wakeQueue();
            }
            return;
        }
        boolean same = announcement.instanceId().equals(host.instanceId());
        boolean newer = announcement.eventTime().isAfter(host.announced().eventTime());
        if (same ? host.inventoryKnown() && !newer : stale(host, announcement.eventTime())) {
            if (!same && announcement.online()) {
                turn.put(waiting(host, announcement));
            }
            return;
        }
        if (!same) {
            replaced(turn, host);
        }
        distrustOtherNics(turn, host, announcement);
        boolean wasOnline = host.liveness() == Liveness.ONLINE;
        HostView known = new HostView(
                announcement,
                announcement.instanceId(),
                announcement.online() ? Liveness.ONLINE : Liveness.OFFLINE,
                turn.now(),
                turn.now().plus(announcement.lease()),
                host.lastEventTime(),
                host.brokerClockOffsetNs(),
                same ? host.warmWorkers() : 0,
                same ? host.liveRunIds() : Set.of(),
                same ? host.missedRunIds() : Set.of(),
                same ? host.waiting() : null);
        if (announcement.online()) {
            turn.put(known);
            armLease(turn, known.hostId(), known.leaseCheckAt());
        } else {
            turn.put(with(known, wasOnline ? Liveness.ONLINE : Liveness.OFFLINE));
            goodbye(turn, known.hostId());
        }
        turn.wakeQueue();
    }

    static HostView first(Turn turn, HostAnnouncement announcement) {
        return new HostView(
                announcement,
                announcement.instanceId(),
                announcement.online() ? Liveness.ONLINE : Liveness.OFFLINE,
                turn.now(),
                turn.now().plus(announcement.lease()),
                Instant.MIN,
                null,
                0,
                Set.of(),
                Set.of(),
                null);
    }

    private static void distrustOtherNics(Turn turn, HostView host, HostAnnouncement announcement) {
        if (!announcement.nics().equals(host.announced().nics())) {
            turn.trust(turn.trust().forget(announcement.hostId()));
        }
    }

    static void armLease(Turn turn, String hostId, Instant at) {
        turn.arm(new TimerKey.Lease(hostId), at);
    }

    /** Takes in that the host has spoken. */
    static Hearing hear(Turn turn, Input.HostWord word) {
        HostView host = turn.host(word.hostId());
        if (host == null) {
            return Hearing.IGNORED;
        }
        boolean same = word.instanceId().equals(host.instanceId());
        if (same ? host.liveness() == Liveness.OFFLINE : stale(host, word.eventTime())) {
            return Hearing.IGNORED;
        }
        if (!same) {
            replaced(turn, host);
        }
        // Its record came while the instance before still had its lease, and will not come again.
        HostAnnouncement waiting = host.waiting();
        boolean waited = !same && waiting != null && waiting.instanceId().equals(word.instanceId());
        HostAnnouncement announced = waiting != null && waited ? waiting : host.announced();
        if (waited) {
            distrustOtherNics(turn, host, announced);
        }
        boolean newest = !same || word.eventTime().isAfter(host.lastEventTime());
        // A daemon whose host record does not come is of no use: its first word gets it a lease, but none renews it.
        boolean renews = !same || host.inventoryKnown();
        boolean returns = renews && (!same || host.liveness() == Liveness.LOST);
        Instant leaseEnd = turn.now().plus(announced.lease());
        turn.put(new HostView(
                announced,
                word.instanceId(),
                renews ? Liveness.ONLINE : host.liveness(),
                renews ? turn.now() : host.lastWordAt(),
                returns ? leaseEnd : host.leaseCheckAt(),
                newest ? word.eventTime() : host.lastEventTime(),
                host.brokerClockOffsetNs(),
                same ? host.warmWorkers() : 0,
                same ? host.liveRunIds() : Set.of(),
                same ? host.missedRunIds() : Set.of(),
                waited ? null : waiting));
        if (returns) {
            armLease(turn, word.hostId(), leaseEnd);
            turn.wakeQueue();
        }
        return newest ? Hearing.NEWEST : Hearing.OLD;
    }

    /**
     * Whether a word of another instance is older than what is known of the current one. A host that is not online has
     * none.
     */
    private static boolean stale(HostView host, Instant eventTime) {
        Instant newest = host.inventoryKnown() && host.announced().eventTime().isAfter(host.lastEventTime())
                ? host.announced().eventTime()
                : host.lastEventTime();
        return host.liveness() == Liveness.ONLINE && !eventTime.isAfter(newest);
    }

    /** Another instance speaks: whatever the one before had is gone with it. */
    private static void replaced(Turn turn, HostView host) {
        gone(turn, host.hostId(), "its daemon was restarted");
    }

    static void goodbye(Turn turn, String hostId) {
        HostView host = turn.host(hostId);
        if (host != null && host.liveness() == Liveness.ONLINE) {
            turn.put(with(host, Liveness.OFFLINE));
            turn.cancel(new TimerKey.Lease(hostId));
            gone(turn, hostId, "its daemon was shut down");
        }
    }

    static void leaseDue(Turn turn, String hostId) {
        HostView host = turn.host(hostId);
        if (host == null || host.liveness() != Liveness.ONLINE) {
            return;
        }
        Duration lease = host.announced().lease();
        Instant end = host.lastWordAt().plus(lease);
        Instant due = end.isAfter(host.leaseCheckAt()) ? end : host.leaseCheckAt();
        Instant later = Timers.putOff(due, turn.now());
        if (later == null) {
            turn.put(with(host, Liveness.LOST));
            gone(
                    turn,
                    hostId,
                    host.inventoryKnown()
                            ? "nothing was heard of it for " + Ending.seconds(lease)
                                    + "; see whether its daemon runs and reaches Kafka"
                            : "its restarted daemon has not announced itself; see its log");
        } else {
            turn.put(checkAt(host, later));
            armLease(turn, hostId, later);
        }
    }

    /** A host is gone with everything that it had: its ends are over, and so are the runs that need it. */
    private static void gone(Turn turn, String hostId, String how) {
        for (RunRecord run : turn.runs().concerning(hostId)) {
            String why = "HOST_LOST " + hostId + " while " + run.state().name() + ": " + how;
            Holdings.lose(turn, run, hostId, why, why);
        }
        turn.wakeQueue();
    }

    /** Takes in what a daemon says of itself. */
    static HostView status(
            HostView host, Set<String> liveRunIds, Set<String> missed, int warmWorkers, @Nullable Long offsetNs) {
        return new HostView(
                host.announced(),
                host.instanceId(),
                host.liveness(),
                host.lastWordAt(),
                host.leaseCheckAt(),
                host.lastEventTime(),
                offsetNs == null ? host.brokerClockOffsetNs() : offsetNs,
                warmWorkers,
                liveRunIds,
                missed,
                host.waiting());
    }

    private static HostView with(HostView host, Liveness liveness) {
        return with(host, liveness, host.leaseCheckAt(), host.waiting());
    }

    private static HostView waiting(HostView host, HostAnnouncement announcement) {
        return with(host, host.liveness(), host.leaseCheckAt(), announcement);
    }

    private static HostView checkAt(HostView host, Instant at) {
        return with(host, host.liveness(), at, host.waiting());
    }

    private static HostView with(
            HostView host, Liveness liveness, Instant leaseCheckAt, @Nullable HostAnnouncement waiting) {
        return new HostView(
                host.announced(),
                host.instanceId(),
                liveness,
                host.lastWordAt(),
                leaseCheckAt,
                host.lastEventTime(),
                host.brokerClockOffsetNs(),
                host.warmWorkers(),
                host.liveRunIds(),
                host.missedRunIds(),
                waiting);
    }
}
