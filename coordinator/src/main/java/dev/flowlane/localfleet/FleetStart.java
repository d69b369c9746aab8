package dev.flowlane.localfleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.config.Settings;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Starts every process of a fleet at once and waits until it can measure: broker serving, topics there, both hosts
 * announced (and in a fleet that stays with warm workers), and the coordinator deciding and aware of both hosts.
 */
final class FleetStart {
    /** A cold start without ahead-of-time caches on two slow CPUs takes about 15 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Duration LOOK_EVERY = Duration.ofMillis(10);

    private final StateDirectory directory;
    private final Path launcher;
    private final boolean detached;
    private final boolean training;
    private final BooleanSupplier givenUp;
    private final List<ServiceProcess> processes = new ArrayList<>();
    private final long deadlineNs = System.nanoTime() + PATIENCE.toNanos();

    /**
     * @param detached whether the fleet goes on when this process ends
     * @param training whether the services write ahead-of-time caches at their end, see the launcher
     * @param givenUp asked while waiting: true ends the start with a {@link FleetException}
     */
    FleetStart(StateDirectory directory, Path launcher, boolean detached, boolean training, BooleanSupplier givenUp) {
        this.directory = directory;
        this.launcher = launcher;
        this.detached = detached;
        this.training = training;
        this.givenUp = givenUp;
    }

    List<ServiceProcess> processes() {
        return processes;
    }

    /** Starts the processes; what they are is known at once, and they may still fail. */
    FleetRecord spawn(String topicPrefix) {
        directory.create();
        Ports ports = Ports.pick();
        // Before any of its processes: whatever started later than this is this fleet's.
        Instant startedTime = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        boolean firstHost = true;
        for (Service service : Service.fleet(directory, ports, topicPrefix)) {
            boolean host = Service.HOST_IDS.contains(service.name());
            processes.add(ServiceProcess.start(
                    service, launcher, directory.log(service), detached, environment(host && !firstHost)));
            firstHost &= !host;
        }
        return new FleetRecord(
                detached ? null : ProcessIdentity.of(ProcessHandle.current().pid()).orElse(null),
                ports.bootstrap(),
                topicPrefix,
                startedTime,
                processes.stream().map(ServiceProcess::member).toList());
    }

    /** Waits until the broker serves every topic. */
    void awaitTopics(FleetRecord fleet) {
        await("the broker to accept connections", () -> accepts(fleet.bootstrap()));
        TopicMarker topics = new TopicMarker(directory, fleet.topicPrefix());
        if (!topics.isThere()) {
            Bus bus = new Bus(BusSettings.of(fleet.bootstrap(), fleet.topicPrefix()));
            bus.admin().waitUntilReachable(Duration.ofSeconds(30));
            // One broker: more partitions would only take longer to open at every start.
            bus.admin().create(1, 1);
            topics.write();
        }
    }

    /** Waits until the fleet can measure. */
    void awaitReady(FleetRecord fleet) {
        Map<String, String> addresses = new HashMap<>();
        await("every service to serve HTTP", () -> allServe(addresses));
        for (ServiceProcess process : processes) {
            if (!process.name().equals(Service.BROKER)) {
                String address = addresses.getOrDefault(process.name(), "");
                await(process.name() + " to be ready", () -> status(address, readiness(process.name())) == 200);
            }
        }
        String coordinator = addresses.getOrDefault(Service.COORDINATOR, "");
        for (String hostId : Service.HOST_IDS) {
            await("the coordinator to know " + hostId, () -> knows(coordinator, hostId, fleet.startedTime()));
        }
    }

    /**
     * A fleet for one run goes on when its hosts take commands: its first run waits for the workers itself, and finds
     * its lanes meanwhile. One that stays is there when its workers are.
     */
    private String readiness(String service) {
        return detached || !Service.HOST_IDS.contains(service) ? "/readyz" : "/readyz?exclude=workers";
    }

    private Map<String, String> environment(boolean secondHost) {
        Map<String, String> environment = new HashMap<>();
        environment.put("FLOWLANE_BUILD", "never");
        // Files of settings are for a real Kafka, too.
        environment.put(Settings.CONFIG_VARIABLE, Settings.NONE);
        environment.put(StateDirectory.VARIABLE, directory.root().toString());
        if (secondHost && training) {
            // Two processes must not write the same cache.
            environment.put("FLOWLANE_AOT_OUTPUT", "");
            environment.put("FLOWLANE_AOT", "off");
        }
        return environment;
    }

    private boolean allServe(Map<String, String> addresses) {
        boolean all = true;
        for (ServiceProcess process : processes) {
            if (!process.name().equals(Service.BROKER) && !addresses.containsKey(process.name())) {
                Optional<String> address = process.log().httpAddress();
                address.ifPresent(found -> addresses.put(process.name(), found));
                all &= address.isPresent();
            }
        }
        return all;
    }

    private void await(String what, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            processes.forEach(ServiceProcess::check);
            if (givenUp.getAsBoolean()) {
                throw new FleetException("interrupted while waiting for " + what, null);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new FleetException(
                        "the local fleet is not ready after " + PATIENCE.toSeconds() + " s: waited for " + what, null,
                        "the logs: " + directory.root().resolve("log"));
            }
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
        }
    }

    /**
     * Whether the host's record at the coordinator is the running daemon's; those of fleets before are remembered, too.
     */
    private static boolean knows(String coordinator, String hostId, Instant startedTime) {
        Optional<HttpProbe.Answer> answer = HttpProbe.get(coordinator, "/hosts/" + hostId);
        if (answer.isEmpty() || answer.get().status() != 200) {
            return false;
        }
        try {
            JsonNode host = new JsonMapper().readTree(answer.get().body());
            return host.path("liveness").asText().equals("ONLINE")
                    && !Instant.parse(host.path("started_time").asText()).isBefore(startedTime);
        } catch (JsonProcessingException | DateTimeParseException e) {
            return false;
        }
    }

    private static int status(String address, String path) {
        return HttpProbe.get(address, path).map(HttpProbe.Answer::status).orElse(-1);
    }

    private static boolean accepts(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(
                    InetAddress.ofLiteral(hostAndPort.substring(0, colon)),
                            Integer.parseInt(hostAndPort.substring(colon + 1))));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
