package dev.flowlane.localfleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * Where the local fleet keeps its data, its logs and the record of its processes.
 *
 * @param root {@code FLOWLANE_STATE_DIR}, or {@code flowlane} under {@code XDG_STATE_HOME}, or {@code
 *     ~/.local/state/flowlane}
 */
public record StateDirectory(Path root) {
    static final String VARIABLE = "FLOWLANE_STATE_DIR";

    /** As the environment says. */
    public static StateDirectory of(Map<String, String> environment) {
        String own = environment.getOrDefault(VARIABLE, "");
        if (!own.isBlank()) {
            return new StateDirectory(Path.of(own).toAbsolutePath().normalize());
        }
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        // The specification has relative paths ignored.
        Path base = xdg.startsWith("/") ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".local", "state");
        return new StateDirectory(base.resolve("flowlane").normalize());
    }

    /** The broker's data; kept from fleet to fleet. */
    Path brokerData() {
        return root.resolve("broker");
    }

    /** Whether the broker has closed every log in order, marked that for its next start, and given the folder up. */
    boolean brokerLeftInOrder() {
        Path data = brokerData().resolve("data");
        return Files.exists(data.resolve(".kafka_cleanshutdown")) && !Files.exists(data.resolve(".lock"));
    }

    Path log(Service service) {
        return root.resolve("log").resolve(service.name() + ".log");
    }

    Path state(Service service) {
        return root.resolve("service").resolve(service.name());
    }

    Path fleetFile() {
        return root.resolve("fleet.json");
    }

    Path fleetLock() {
        return root.resolve("fleet.lock");
    }

    Path usersLock() {
        return root.resolve("users.lock");
    }

    /** Notes that the topics of a cluster have been created, see {@link TopicMarker}. */
    Path topicMarker() {
        return root.resolve("topics.created");
    }

    /**
     * Makes the directories, for this user alone: logs and data tell who measured what.
     *
     * @throws FleetException if one cannot be made or written
     */
    void create() {
        try {
            for (Path directory : new Path[] {root, root.resolve("log"), root.resolve("service")}) {
                if (!Files.isDirectory(directory)) {
                    Files.createDirectories(
                            directory,
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                }
            }
        } catch (IOException e) {
            throw new FleetException("cannot make the state directory " + root + ": " + FleetException.reason(e), e,
                    "set " + VARIABLE + " to a directory that can be written");
        }
        if (!Files.isWritable(root)) {
            throw new FleetException("the state directory " + root + " cannot be written", null,
                    "set " + VARIABLE + " to another one, or: chmod u+rwx " + root);
        }
    }
}
