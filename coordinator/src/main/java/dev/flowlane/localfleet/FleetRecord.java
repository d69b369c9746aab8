package dev.flowlane.localfleet;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A fleet that was started in a state directory, as {@code fleet.json} remembers it.
 *
 * @param owner the {@code flowlane run} it belongs to and ends with; null when {@code flowlane up} started it
 * @param bootstrap its broker
 * @param topicPrefix prefix of its topics
 * @param startedTime when it was started
 * @param members its processes, broker first
 */
public record FleetRecord(
        @Nullable ProcessIdentity owner, String bootstrap, String topicPrefix, Instant startedTime,
                List<Member> members) {

    /**
     * One process of it.
     *
     * @param name broker, coordinator or the host's id
     * @param log where its output goes
     */
    public record Member(String name, ProcessIdentity process, Path log) {
        public long pid() {
            return process.pid();
        }

        public boolean isAlive() {
            return process.isAlive();
        }

        /** Where it serves HTTP, as its log says; empty for what does not, or has ended. */
        public Optional<String> httpAddress() {
            return isAlive() ? new ServiceLog(log).httpAddress() : Optional.empty();
        }
    }

    public FleetRecord {
        members = List.copyOf(members);
    }

    /** Whether every process of it is there. */
    public boolean isWhole() {
        return members.stream().allMatch(Member::isAlive);
    }

    /** Whether any process of it is there. */
    public boolean isAnyAlive() {
        return members.stream().anyMatch(Member::isAlive);
    }

    /** Where its coordinator answers HTTP, {@code HOST:PORT}; empty when it is not up. */
    public Optional<String> coordinatorHttp() {
        return members.stream()
                .filter(member -> member.name().equals(Service.COORDINATOR) && member.isAlive())
                .findFirst()
                .flatMap(member -> new ServiceLog(member.log()).httpAddress());
    }

    /** Whether it belongs to a {@code flowlane run}. */
    public boolean isOwned() {
        return owner != null;
    }

    /** Process id of the {@code flowlane run} it belongs to; -1 when there is none. */
    public long ownerPid() {
        return owner == null ? -1 : owner.pid();
    }

    /** Whether it belongs to a {@code flowlane run} that has gone: its processes are ending by themselves. */
    boolean isOrphaned() {
        return owner != null && !owner.isAlive();
    }
}
