package dev.flowlane.localfleet;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The local fleet of one state directory: joined, started, looked up and stopped.
 *
 * <p>A {@code run} joins the fleet that is there. If there is none it starts one, which is its own: others may join it,
 * and it stops it at its end, as soon as the last of them has finished.
 */
public final class LocalFleets {
    /** A process that trains an ahead-of-time cache writes it at its end, which takes a while. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration PATIENCE_IN_TRAINING = Duration.ofSeconds(90);

    private final StateDirectory directory;
    private final Path launcher;
    private final Consumer<String> progress;
    private final BooleanSupplier givenUp;
    private final boolean training;
    private final Duration patience;

    /**
     * @param environment variables of this process
     * @param launcher the {@code flowlane} script
     * @param progress takes messages for a person: what is being waited for
     * @param givenUp asked while a fleet is starting; true stops what was started
     */
    public LocalFleets(
            Map<String, String> environment, Path launcher, Consumer<String> progress, BooleanSupplier givenUp) {
        this.directory = StateDirectory.of(environment);
        this.launcher = launcher;
        this.progress = progress;
        this.givenUp = givenUp;
        this.training = !environment.getOrDefault("FLOWLANE_AOT_OUTPUT", "").isEmpty();
        this.patience = training ? PATIENCE_IN_TRAINING : PATIENCE;
    }

    /** What {@link #down} found and did. */
    public sealed interface Down {
        /** There was no fleet. */
        record Nothing() implements Down {}

        /** It has been stopped; {@code killed} names those that did not stop by themselves. */
        record Stopped(List<String> killed) implements Down {}
    }

    /** The fleet of the state directory, dead or alive; empty when none was started or it was stopped. */
    public Optional<FleetRecord> find() {
        return FleetFile.read(directory.fleetFile());
    }

    /** The state directory, for messages. */
    public Path directory() {
        return directory.root();
    }

    /**
     * Joins the fleet that is there, or starts one for the caller.
     *
     * @throws FleetException if it cannot be started or is damaged
     */
    public FleetUse use(String topicPrefix) {
        return use(topicPrefix, _ -> {});
    }

    /**
     * As {@link #use(String)}.
     *
     * @param serving called when the broker of a fleet that is being started has all topics, a good second before the
     *     rest of the fleet is ready; must return at once
     */
    public FleetUse use(String topicPrefix, Consumer<FleetRecord> serving) {
        directory.create();
        try (FleetLock _ = lock()) {
            Optional<FleetRecord> found = usable(topicPrefix);
            if (found.isPresent()) {
                return FleetUse.joined(found.get(), users());
            }
            progress.accept("starting a local fleet: broker, coordinator, host-a, host-b");
            FleetStart start = new FleetStart(directory, launcher, false, training, givenUp);
            FleetRecord fleet = startReady(start, topicPrefix, serving);
            return FleetUse.owned(fleet, users(), directory, start.processes(), patience, this::brokerDone, progress);
        }
    }

    /**
     * Starts a fleet that stays.
     *
     * @return the fleet, and whether it was started just now
     * @throws FleetException if it cannot be started, or the one that is there is damaged or belongs to a {@code run}
     */
    public Up up(String topicPrefix) {
        directory.create();
        try (FleetLock _ = lock()) {
            Optional<FleetRecord> found = usable(topicPrefix);
            if (found.isPresent()) {
                if (found.get().isOwned()) {
                    throw new FleetException("the local fleet belongs to a run that is going on (pid "
                            + found.get().ownerPid() + ") and ends with it", null,
                            "try again when that run has ended");
                }
                return new Up(found.get(), false);
            }
            FleetStart start = new FleetStart(directory, launcher, true, training, givenUp);
            return new Up(startReady(start, topicPrefix, _ -> {}), true);
        }
    }

    /** A fleet, and whether it was started just now. */
    public record Up(FleetRecord fleet, boolean started) {}

    /**
     * Stops the fleet that {@link #up} started, whatever is left of it.
     *
     * @throws FleetException if it belongs to a run that is going on
     */
    public Down down() {
        directory.create();
        try (FleetLock _ = lock()) {
            Optional<FleetRecord> found = find();
            if (found.isEmpty() || !found.get().isAnyAlive()) {
                FleetFile.delete(directory.fleetFile());
                return new Down.Nothing();
            }
            FleetRecord fleet = found.get();
            if (fleet.isOwned() && !fleet.isOrphaned()) {
                throw new FleetException("the local fleet belongs to a run that is going on (pid " + fleet.ownerPid()
                        + ") and ends with it", null, "to end the run now: kill -INT " + fleet.ownerPid());
            }
            List<String> killed =
                    FleetStop.stop(fleet.members(), FleetStop::terminate, patience, this::brokerDone);
            FleetFile.delete(directory.fleetFile());
            return new Down.Stopped(killed);
        }
    }

    /** The fleet that is there if it can be used; what is left of a dead one is cleared away. */
    private Optional<FleetRecord> usable(String topicPrefix) {
        Optional<FleetRecord> found = find();
        if (found.isEmpty()) {
            return found;
        }
        FleetRecord fleet = found.get();
        if (fleet.isOrphaned()) {
            // Its services have seen the end of their pipes; the data directory is free when they are gone.
            FleetStop.stop(fleet.members(), _ -> {}, Duration.ofSeconds(5));
        }
        if (!fleet.isAnyAlive()) {
            FleetFile.delete(directory.fleetFile());
            return Optional.empty();
        }
        if (!fleet.isWhole()) {
            FleetRecord.Member dead = fleet.members().stream()
                    .filter(member -> !member.isAlive())
                    .findFirst()
                    .orElseThrow();
            throw new FleetException("the local fleet is damaged: " + dead.name() + " has ended", null,
                    "why: " + dead.log(), "to start it anew: flowlane down && flowlane up");
        }
        if (!fleet.topicPrefix().equals(topicPrefix)) {
            throw new FleetException("the local fleet that is up has the topic prefix '" + fleet.topicPrefix()
                    + "', not '"
                    + topicPrefix + "'", null, "leave --topic-prefix and FLOWLANE_TOPIC_PREFIX out, or: flowlane down");
        }
        return found;
    }

    private FleetRecord startReady(FleetStart start, String topicPrefix, Consumer<FleetRecord> serving) {
        try {
            FleetRecord fleet = start.spawn(topicPrefix);
            FleetFile.write(directory.fleetFile(), fleet);
            start.awaitTopics(fleet);
            serving.accept(fleet);
            start.awaitReady(fleet);
            Yielding.begin(fleet);
            return fleet;
        } catch (RuntimeException e) {
            start.processes().forEach(ServiceProcess::closeInput);
            FleetStop.stop(
                    start.processes().stream().map(ServiceProcess::member).toList(), FleetStop::terminate, patience);
            FleetFile.delete(directory.fleetFile());
            throw e;
        }
    }

    /** A cache is trained to the very end. */
    private boolean brokerDone() {
        return !training && directory.brokerLeftInOrder();
    }

    private FleetLock lock() {
        return FleetLock.exclusive(directory.fleetLock(),
                () -> progress.accept("another flowlane is starting or stopping the local fleet; waiting for it"));
    }

    private FleetLock users() {
        return FleetLock.shared(directory.usersLock(), () -> {});
    }
}
