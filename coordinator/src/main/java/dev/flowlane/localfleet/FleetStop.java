package dev.flowlane.localfleet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

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

    /** As {@link #stop(List, Ask, Duration, BooleanSupplier)}; the broker is waited for to its end. */
    static List<String> stop(List<FleetRecord.Member> members, Ask ask, Duration patience) {
        return stop(members, ask, patience, () -> false);
    }

    /**
     * Stops and waits.
     *
     * @param patience for the broker, and for all others together, before they are killed
     * @param brokerDone whether the broker's data is in order: from then on it only ends its threads, some of which
     *     look five times in a second whether they are to end, and is not waited for
     * @return names of those that had to be killed
     */
    static List<String> stop(
            List<FleetRecord.Member> members, Ask ask, Duration patience, BooleanSupplier brokerDone) {
        List<FleetRecord.Member> others =
                members.stream().filter(member -> !member.name().equals(Service.BROKER)).toList();
        List<FleetRecord.Member> broker =
                members.stream().filter(member -> member.name().equals(Service.BROKER)).toList();
        others.forEach(ask::stop);
        List<String> killed = await(others, patience, () -> false);
        broker.forEach(ask::stop);
        List<String> killedBroker = await(broker, patience, brokerDone);
        return java.util.stream.Stream.concat(killed.stream(), killedBroker.stream()).toList();
    }

    /** SIGTERM, unless the process has gone and its number is somebody else's now. */
    static void terminate(FleetRecord.Member member) {
        if (member.isAlive()) {
            ProcessHandle.of(member.pid()).ifPresent(ProcessHandle::destroy);
        }
    }

    private static List<String> await(List<FleetRecord.Member> members, Duration patience, BooleanSupplier done) {
        if (gone(members, patience, done)) {
            return List.of();
        }
        boolean inTime = done.getAsBoolean();
        List<FleetRecord.Member> left =
                members.stream().filter(FleetRecord.Member::isAlive).toList();
        left.forEach(member -> ProcessHandle.of(member.pid()).ifPresent(ProcessHandle::destroyForcibly));
        if (!gone(left, AFTER_KILL, () -> false)) {
            String pids = String.join(" ", left.stream()
                    .filter(FleetRecord.Member::isAlive)
                    .map(member -> Long.toString(member.pid()))
                    .toList());
            throw new FleetException("processes of the local fleet are still there after SIGKILL: " + pids, null,
                    "see what holds them: ps -o pid,stat,wchan,args -p " + pids.replace(' ', ','));
        }
        return inTime
                ? List.of()
                : left.stream().map(FleetRecord.Member::name).toList();
    }

    /** Whether all are, which is looked at until that is so, the time is up, or {@code done}. */
    private static boolean gone(List<FleetRecord.Member> members, Duration within, BooleanSupplier done) {
        long deadlineNs = System.nanoTime() + within.toNanos();
        while (members.stream().anyMatch(FleetRecord.Member::isAlive)) {
            if (done.getAsBoolean() || System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            // The kernel tells a parent only, and by now others may be the parent.
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
        }
        return true;
    }
}
