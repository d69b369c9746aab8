package dev.flowlane.localfleet;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A fleet in use by this process. Closing it ends the use, and the fleet as well if this process started it for itself.
 */
public final class FleetUse implements AutoCloseable {
    private final FleetRecord fleet;
    private final FleetLock users;
    private final @Nullable Owned owned;

    private record Owned(
            StateDirectory directory,
            List<ServiceProcess> processes,
            Duration patience,
            BooleanSupplier brokerDone,
            Consumer<String> progress) {}

    private FleetUse(FleetRecord fleet, FleetLock users, @Nullable Owned owned) {
        this.fleet = fleet;
        this.users = users;
        this.owned = owned;
    }

    static FleetUse joined(FleetRecord fleet, FleetLock users) {
        return new FleetUse(fleet, users, null);
    }

    static FleetUse owned(
            FleetRecord fleet,
            FleetLock users,
            StateDirectory directory,
            List<ServiceProcess> processes,
            Duration patience,
            BooleanSupplier brokerDone,
            Consumer<String> progress) {
        return new FleetUse(fleet, users, new Owned(directory, processes, patience, brokerDone, progress));
    }

    public FleetRecord fleet() {
        return fleet;
    }

    /** Name and log of a process of the fleet that has died; null while all are there. */
    public FleetRecord.@Nullable Member dead() {
        return fleet.members().stream().filter(member -> !member.isAlive()).findFirst().orElse(null);
    }

    @Override
    public void close() {
        users.close();
        if (owned != null) {
            stop(owned);
        }
    }

    /**
     * Newcomers hold {@code fleet.lock} while they join. So whoever has that lock and finds no user may stop the fleet;
     * with users it waits for them without that lock, since they need it to join, and looks again.
     */
    private void stop(Owned mine) {
        boolean said = false;
        while (true) {
            try (FleetLock _ = FleetLock.exclusive(mine.directory().fleetLock(), () -> {})) {
                Optional<FleetLock> alone = FleetLock.tryExclusive(mine.directory().usersLock());
                if (alone.isPresent()) {
                    try (FleetLock _ = alone.get()) {
                        FleetStop.stop(
                                fleet.members(),
                                member -> closeInput(mine, member),
                                mine.patience(),
                                mine.brokerDone());
                        FleetFile.delete(mine.directory().fleetFile());
                        return;
                    }
                }
            }
            if (!said) {
                mine.progress().accept("other commands use this run's fleet; waiting for them before stopping it"
                        + " (Ctrl-C twice leaves at once and ends their runs)");
                said = true;
            }
            FleetLock.exclusive(mine.directory().usersLock(), () -> {}).close();
        }
    }

    private static void closeInput(Owned mine, FleetRecord.Member member) {
        for (ServiceProcess process : mine.processes()) {
            if (process.name().equals(member.name())) {
                process.closeInput();
            }
        }
    }
}
