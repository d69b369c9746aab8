package dev.flowlane.localfleet;

import java.util.ArrayList;
import java.util.List;

/**
 * One process of the local fleet.
 *
 * @param name name of it in logs, in {@code fleet.json} and in {@code flowlane status}
 * @param launcherWord what the launcher calls it
 * @param arguments its own arguments, after the launcher's word
 */
record Service(String name, String launcherWord, List<String> arguments) {
    static final String BROKER = "broker";
    static final String COORDINATOR = "coordinator";

    /** The hosts of every local fleet; the default source and destination of a run on it. */
    static final List<String> HOST_IDS = List.of("host-a", "host-b");

    Service {
        arguments = List.copyOf(arguments);
    }

    /** All of them, in the order in which they are stopped backwards: the broker goes last. */
    static List<Service> fleet(StateDirectory directory, Ports ports, String topicPrefix) {
        List<String> bus = List.of("--bootstrap", ports.bootstrap(), "--topic-prefix", topicPrefix);
        List<Service> services = new ArrayList<>();
        services.add(new Service(BROKER, "broker", List.of(
                "--data-dir", directory.brokerData().toString(),
                "--port", Integer.toString(ports.broker()),
                "--controller-port", Integer.toString(ports.controller()))));
        services.add(service(directory, COORDINATOR, "coordinator", bus, List.of()));
        for (String hostId : HOST_IDS) {
            services.add(service(directory, hostId, "host-daemon", bus, List.of(
                    "--host-id", hostId, "--data-address", "127.0.0.1", "--data-address", "::1",
                    // One flow end is ready to go; more are started when a run has more flows.
                    "--warm-workers", "1")));
        }
        return services;
    }

    private static Service service(
            StateDirectory directory, String name, String word, List<String> bus, List<String> own) {
        Service bare = new Service(name, word, List.of());
        List<String> arguments = new ArrayList<>(own);
        arguments.addAll(bus);
        arguments.addAll(List.of("--http-address", "127.0.0.1:0", "--state-dir", directory.state(bare).toString()));
        return new Service(name, word, arguments);
    }
}
