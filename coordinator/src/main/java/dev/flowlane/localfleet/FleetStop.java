package dev.flowlane.localfleet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends the processes of a fleet: asked first, killed when they do not go; the broker last, so that all can say
 * good-bye.
 */
final class FleetStop {
    private static final Duration LOOK_EVERY = Duration.ofMillis(10);
    private static final Duration AFTER_KILL = Duration.ofSeconds(5);

    /** How processes are asked to stop. */
    interface Ask {
        void stop(FleetRecord.Member member);
    }

    private FleetStop() {}

    /**
     * Stops and waits.
     *
     * @param patience for the broker, and for all others together, before they are killed
     * @return names of those that had to be killed
     */
    static List<String> stop(List<FleetRecord.Member> members, Ask ask, Duration patience) {
        List<FleetRecord.Member> others =
                members.stream().filter(member -> !member.name().equals(Service.BROKER)).toList();
        List<FleetRecord.Member> broker =
                members.stream().filter(member -> member.name().equals(Service.BROKER)).toList();
        others.forEach(ask::stop);
        List<String> killed = await(others, patience);
        broker.forEach(ask::stop);
        List<String> killedBroker = await(broker, patience);
        return java.util.stream.Stream.concat(killed.stream(), killedBroker.stream()).toList();
    }

    /** SIGTERM, unless the process has gone and its number is somebody else's now. */
    static void terminate(FleetRecord.Member member) {
        if (member.isAlive()) {
            ProcessHandle.of(member.pid()).ifPresent(ProcessHandle::destroy);
        }
    }

    private static List<String> await(List<FleetRecord.Member> members, Duration patience) {
        if (gone(members, patience)) {
            return List.of();
        }
        List<FleetRecord.Member> left =
                members.stream().filter(FleetRecord.Member::isAlive).toList();
        left.forEach(member -> ProcessHandle.of(member.pid()).ifPresent(ProcessHandle::destroyForcibly));
        if (!gone(left, AFTER_KILL)) {
            String pids = String.join(" ", left.stream()
                    .filter(FleetRecord.Member::isAlive)
                    .map(member -> Long.toString(member.pid()))
                    .toList());
            throw new FleetException("processes of the local fleet are still there after SIGKILL: " + pids, null,
                    "see what holds them: ps -o pid,stat,wchan,args -p " + pids.replace(' ', ','));
        }
        return left.stream().map(FleetRecord.Member::name).toList();
    }

    private static boolean gone(List<FleetRecord.Member> members, Duration within) {
        long deadlineNs = System.nanoTime() + within.toNanos();
        while (members.stream().anyMatch(FleetRecord.Member::isAlive)) {
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            // The kernel tells a parent only, and by now others may be the parent.
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
        }
        return true;
    }
}
