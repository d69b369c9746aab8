package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.coordinator.Checked;
import dev.flowlane.coordinator.LastWill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A fleet whose hosts are network namespaces: a broker and a coordinator on this machine, and a daemon in each host
 * that is started, all as processes that a user would start. See {@code .ci/lab/hosts}.
 */
public final class Lab implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path SCRIPT = Path.of("..", ".ci", "lab", "hosts").toAbsolutePath().normalize();
    private static final long PID = ProcessHandle.current().pid();
    private static final String NAME = "flow-" + PID;

    /** Of the second octet of all addresses: other labs of this machine are likely to have another one. */
    private static final int OCTET = (int) (64 + PID % 128);

    /** The machine's table of flows for receive flow steering, which all namespaces share. */
    private static final Path FLOW_ENTRIES = Path.of("/proc/sys/net/core/rps_sock_flow_entries");

    /** Closes the lab of a test that was killed: entries, their file, the script, the lab's name. */
    private static final String CLOSE = "echo \"$1\" >\"$2\"; exec \"$3\" down \"$4\"";

    private final LastWill will;
    private final String flowEntriesBefore;
    private final Path state;
    private final List<FlowlaneProcess> services = new ArrayList<>();
    private final SortedMap<Integer, FlowlaneProcess> daemons = new TreeMap<>();
    private final String bootstrap;

    private Lab(LastWill will, String flowEntriesBefore, Path state, String bootstrap) {
        this.will = will;
        this.flowEntriesBefore = flowEntriesBefore;
        this.state = state;
        this.bootstrap = bootstrap;
    }

    /** Why there can be no lab here; empty when there can. */
    public static String impediment() {
        if (!new com.sun.security.auth.module.UnixSystem().getUsername().equals("root")) {
            return "network namespaces need root";
        }
        boolean tools = Stream.of("ip", "taskset").allMatch(tool -> Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool))));
        if (!tools) {
            return "ip or taskset is missing (Debian: apt-get install iproute2 util-linux)";
        }
        return exitCode("ip", "netns", "add", NAME + "-try") == 0 && exitCode("ip", "netns", "del", NAME + "-try") == 0
                ? ""
                : "this machine does not let root make network namespaces";
    }

    /** Makes the hosts, and starts the broker and the coordinator. */
    public static Lab open(Path state, int hosts) throws IOException {
        script("sweep");
        String flowEntries = Files.readString(FLOW_ENTRIES).strip();
        LastWill will = LastWill.of(
                Map.of(), "sh", "-c", CLOSE, "close", flowEntries, FLOW_ENTRIES.toString(), SCRIPT.toString(), NAME);
        script("up", NAME, Integer.toString(OCTET), Integer.toString(hosts));
        Path port = state.resolve("port");
        String address = "10." + OCTET + ".2.254";
        FlowlaneProcess broker = FlowlaneProcess.start(state.resolve("broker"), Map.of(), "broker", "--data-dir",
                state.resolve("broker").toString(), "--address", address, "--port-file", port.toString());
        await("the broker").atMost(PATIENCE).until(() -> {
            assertThat(broker.handle().isAlive()).as(broker.err()).isTrue();
            return Files.exists(port);
        });
        Lab lab = new Lab(will, flowEntries, state, address + ":" + Files.readString(port).strip());
        lab.services.add(broker);
        lab.flowlane("topics", "create").expect(0);
        lab.services.addFirst(lab.start("coordinator", List.of(), "coordinator", "--http-address", "127.0.0.1:0"));
        return lab;
    }

    private FlowlaneProcess start(String folder, List<String> prefix, String... arguments) {
        return FlowlaneProcess.startBy(prefix, state.resolve(folder), environment(), arguments);
    }

    private Map<String, String> environment() {
        return Map.of("FLOWLANE_KAFKA_BOOTSTRAP_SERVERS", bootstrap);
    }

    /** Starts the daemon {@code lab-HOST} in a host, and waits until it takes commands. */
    public void startHost(int host, String... more) {
        String id = "lab-" + host;
        List<String> arguments = new ArrayList<>(List.of("host-daemon", "--host-id", id, "--data-address",
                "10." + OCTET + ".1." + host, "--http-address", "127.0.0.1:0", "--warm-workers", "2"));
        arguments.addAll(List.of(more));
        FlowlaneProcess daemon =
                start(id, List.of("ip", "netns", "exec", NAME + "-" + host), arguments.toArray(String[]::new));
        daemons.put(host, daemon);
        await(id).atMost(PATIENCE).until(() -> {
            assertThat(daemon.handle().isAlive()).as(daemon.err()).isTrue();
            return daemon.err().contains("reading commands") || daemon.out().contains("reading commands");
        });
        await(id).atMost(PATIENCE).until(() -> StreamSupport.stream(
                        flowlane("hosts", "list", "-o", "json").expect(0).json().spliterator(), false)
                .anyMatch(known -> known.path("host_id").textValue().equals(id)));
    }

    public void stopHost(int host) throws IOException {
        stop(daemon(host));
        daemons.remove(host);
    }

    private FlowlaneProcess daemon(int host) {
        return Objects.requireNonNull(daemons.get(host), () -> "lab-" + host + " is not running");
    }

    /** Runs a command of the command line against this fleet. */
    public FlowlaneProcess.Outcome flowlane(String... arguments) {
        return begin(arguments).await();
    }

    /** Starts one. */
    public FlowlaneProcess begin(String... arguments) {
        return start("cli", List.of(), arguments);
    }

    /** Measures from one host to another; the result. */
    JsonNode run(int source, int destination, String... more) {
        return begin(runArguments(source, destination, more)).await().json();
    }

    public static String[] runArguments(int source, int destination, String... more) {
        return Stream.concat(
                        Stream.of("run", "--sources", "lab-" + source, "--destinations", "lab-" + destination,
                                "-o", "json"),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    /** CPUs on which what comes in at a host is received. */
    void packetSteering(int host, String mask) {
        script("rps", NAME, Integer.toString(host), mask);
    }

    /** Pulls a host's cable to the other hosts, or plugs it in again. */
    public void dataCable(int host, boolean plugged) {
        script("data", NAME, Integer.toString(host), plugged ? "up" : "down");
    }

    /** The same with its cable to the broker. */
    public void managementCable(int host, boolean plugged) {
        script("mgmt", NAME, Integer.toString(host), plugged ? "up" : "down");
    }

    /** The ports that the kernel may choose at a host for connections that leave it. */
    public void localPorts(int host, String range) {
        script("exec", NAME, Integer.toString(host), "sh", "-c",
                "echo " + range + " > /proc/sys/net/ipv4/ip_local_port_range");
    }

    /** The daemon of a host, or the program that is about to become it. */
    public ProcessHandle daemonOf(int host) {
        return daemon(host).handle();
    }

    /** The topics of this lab. */
    public Bus bus() {
        return new Bus(BusSettings.of(bootstrap, "flowlane"));
    }

    /** Entries of a host's table of flows and the CPUs that read them; 0 ends flow steering. */
    void flowSteering(int host, int entries) throws IOException {
        if (entries > 0) {
            // Without hosts that use it, it does nothing.
            Files.writeString(FLOW_ENTRIES, "4096");
        }
        script("rfs", NAME, Integer.toString(host), Integer.toString(entries));
    }

    /** Thread ids of the threads that drive the sockets of a host's flows. */
    List<Integer> flowThreads(int host) throws IOException {
        List<Integer> threads = new ArrayList<>();
        for (ProcessHandle worker : daemon(host).handle().descendants().toList()) {
            try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(worker.pid()), "task"))) {
                for (Path task : tasks.toList()) {
                    if (name(task).equals("flow-io")) {
                        threads.add(Integer.parseInt(task.getFileName().toString()));
                    }
                }
            }
        }
        return threads;
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException e) {
            return ""; // It has ended since it was listed.
        }
    }

    /** Allows a thread one CPU. */
    static void pin(int thread, int cpu) {
        assertThat(exitCode("taskset", "-p", "-c", Integer.toString(cpu), Integer.toString(thread))).isZero();
    }

    @Override
    public void close() throws IOException {
        try {
            Checked.invariantsHold(bus());
            for (FlowlaneProcess daemon : daemons.values()) {
                stop(daemon);
            }
            for (FlowlaneProcess service : services) {
                stop(service);
            }
        } finally {
            Files.writeString(FLOW_ENTRIES, flowEntriesBefore);
            script("down", NAME);
            will.close();
        }
    }

    private static void stop(FlowlaneProcess service) throws IOException {
        try (service) {
            service.signal("TERM");
            service.handle().onExit().orTimeout(60, TimeUnit.SECONDS).join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void script(String... arguments) {
        String[] command = Stream.concat(Stream.of(SCRIPT.toString()), Stream.of(arguments)).toArray(String[]::new);
        assertThat(exitCode(command)).as(String.join(" ", command)).isZero();
    }

    private static int exitCode(String... command) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
