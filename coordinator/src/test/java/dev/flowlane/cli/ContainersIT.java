package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.command.CreateNetworkCmd;
import com.github.dockerjava.api.model.Network.Ipam;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Broker, coordinator and two host daemons as containers; the command line is outside. */
@Tag("docker")
final class ContainersIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String INSIDE = "kafka:19092";
    private static final String SUBNET = "10.109.17.";

    @TempDir
    static Path state = Path.of(".");

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static String bootstrap = "";

    @BeforeAll
    static void start() {
        String impediment = Containers.impediment();
        Assumptions.assumeTrue(impediment.isEmpty(), impediment);
        Containers.buildImages();
        Network network = opened(Network.builder()
                .createNetworkCmdModifier(ContainersIT::withSubnet)
                .build());
        KafkaContainer kafka = opened(new KafkaContainer(DockerImageName.parse(Containers.KAFKA))
                .withNetwork(network)
                .withListener(INSIDE)
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withStartupTimeout(PATIENCE));
        kafka.start();
        bootstrap = kafka.getBootstrapServers();
        GenericContainer<?> topics = opened(container(Containers.COORDINATOR, network))
                .withCommand("topics", "create", "--bootstrap", INSIDE)
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(PATIENCE));
        topics.start();
        GenericContainer<?> coordinator = opened(container(Containers.COORDINATOR, network))
                .withCommand("coordinator", "--bootstrap", INSIDE, "--http-address", "0.0.0.0:9470")
                .waitingFor(Wait.forHealthcheck().withStartupTimeout(PATIENCE));
        Startables.deepStart(coordinator, host("host-a", 11, network), host("host-b", 12, network))
                .join();
    }

    @AfterAll
    static void stop() throws Exception {
        Collections.reverse(OPEN);
        for (AutoCloseable resource : OPEN) {
            resource.close();
        }
    }

    @Test
    void aStreamFromContainerToContainer() {
        JsonNode run = run("stream");

        assertThat(run.path("state").textValue()).as("%s", run).isEqualTo("COMPLETED");
        assertThat(run.path("received_bytes").longValue())
                .isPositive()
                .isEqualTo(run.path("sent_bytes").longValue());
        JsonNode flow = run.path("flows").path(0);
        assertThat(flow.path("source_address").textValue()).as("%s", flow).startsWith(SUBNET + "11");
        assertThat(flow.path("destination_address").textValue()).startsWith(SUBNET + "12");
    }

    @Test
    void roundTripsFromContainerToContainer() {
        JsonNode run = run("request-response");

        assertThat(run.path("state").textValue()).as("%s", run).isEqualTo("COMPLETED");
        assertThat(run.path("transactions").longValue()).isPositive();
        assertThat(run.path("round_trip_p50_ns").longValue()).isPositive();
    }

    /** Whoever holds the machine's CPUs: both containers are on one kernel, and say so. */
    @Test
    void bothHostsAreOneMachine() {
        List<JsonNode> hosts = flowlane("hosts", "list", "-o", "jsonl").expect(0).jsonLines();

        assertThat(hosts).extracting(host -> host.path("host_id").textValue()).contains("host-a", "host-b");
        assertThat(hosts).extracting(host -> host.path("machine_id").textValue()).containsOnly(
                hosts.getFirst().path("machine_id").textValue());
    }

    private static JsonNode run(String traffic) {
        JsonNode run = flowlane(
                        "run", "--source", "host-a", "--destination", "host-b",
                                "--traffic", traffic, "--duration", "1s", "-o", "json")
                .expect(0)
                .json();
        // What the command prints is what the topic holds.
        assertThat(flowlane("get", run.path("run_id").textValue(), "-o", "json")
                        .expect(0)
                        .json())
                .isEqualTo(run);
        return run;
    }

    private static FlowlaneProcess.Outcome flowlane(String... arguments) {
        return FlowlaneProcess.start(state, Map.of("FLOWLANE_KAFKA_BOOTSTRAP_SERVERS", bootstrap), arguments)
                .await();
    }

    private static GenericContainer<?> host(String id, int address, Network network) {
        return opened(container(Containers.HOST_DAEMON, network))
                .withCreateContainerCmdModifier(command -> command.withIpv4Address(SUBNET + address))
                .withCommand(
                        "host-daemon",
                        "--host-id",
                        id,
                        "--data-address",
                        SUBNET + address + ":7411",
                        "--bootstrap",
                        INSIDE,
                        "--http-address",
                        "0.0.0.0:9471")
                .waitingFor(Wait.forHealthcheck().withStartupTimeout(PATIENCE));
    }

    @SuppressWarnings("resource") // Closed with everything else that is open.
    private static GenericContainer<?> container(String image, Network network) {
        return new GenericContainer<>(DockerImageName.parse(image))
                .withImagePullPolicy(_ -> false)
                .withNetwork(network);
    }

    private static void withSubnet(CreateNetworkCmd command) {
        command.withIpam(new Ipam().withConfig(new Ipam.Config().withSubnet(SUBNET + "0/24")));
    }

    private static <T extends AutoCloseable> T opened(T resource) {
        OPEN.add(resource);
        return resource;
    }
}
