package dev.flowlane.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Run;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The broker as a process: how it starts, what survives, how it ends. */
final class BrokerMainIT {
    /** Ten seconds to stop, and what a busy machine adds. */
    private static final Duration STOP_BOUND = Duration.ofSeconds(60);

    private static final Duration START_BOUND = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void clientCanProduceAsSoonAsThePortFileIsThere() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(folder.resolve("broker"))) {
            Bus bus = bus(broker);
            bus.admin().create(1);

            write(bus, "run-1");

            assertThat(runIds(bus)).containsExactly("run-1");
        }
    }

    @Test
    void sigtermStopsItInOrder() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(folder.resolve("broker"))) {
            bus(broker).admin().create(1);

            broker.terminate();

            assertThat(broker.exitCode(STOP_BOUND)).isZero();
            assertThat(broker.portFile()).doesNotExist();
            assertThat(broker.output()).isEmpty();
            assertThat(broker.errors()).isEmpty();
            assertThat(broker.dataDir().resolve("data/.kafka_cleanshutdown")).exists();
        }
    }

    @Test
    void endOfStandardInputStopsItWhenAsked() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(folder.resolve("broker"))) {
            broker.endStdin();

            assertThat(broker.exitCode(STOP_BOUND)).isZero();
        }
    }

    @Test
    void recordsSurviveKillMinusNine() throws Exception {
        Path dataDir = folder.resolve("broker");
        int port;
        try (BrokerProcess broker = BrokerProcess.start(dataDir)) {
            port = broker.port();
            Bus bus = bus(broker);
            bus.admin().create(1);
            write(bus, "run-1");
            broker.kill();
        }
        Files.delete(folder.resolve("broker.port"));

        try (BrokerProcess broker = BrokerProcess.start(dataDir, "--port", Integer.toString(port))) {
            Bus bus = bus(broker);
            write(bus, "run-2");

            assertThat(broker.port()).isEqualTo(port);
            assertThat(runIds(bus)).containsExactly("run-1", "run-2");
        }
    }

    @Test
    void busyPortIsNamed() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
                BrokerProcess broker = BrokerProcess.spawn(
                        folder.resolve("broker"), "--port", Integer.toString(other.getLocalPort()))) {
            assertThat(broker.exitCode(START_BOUND)).isEqualTo(3);
            assertThat(broker.errors())
                    .isEqualTo("broker: cannot start: port " + other.getLocalPort() + " (--port) is in use\n");
            assertThat(broker.portFile()).doesNotExist();
        }
    }

    @Test
    void secondBrokerInTheSameFolderIsRefused() throws Exception {
        try (BrokerProcess first = BrokerProcess.start(folder.resolve("broker"));
                BrokerProcess second = BrokerProcess.spawn(folder.resolve("broker"))) {
            assertThat(second.exitCode(START_BOUND)).isEqualTo(3);
            assertThat(second.errors())
                    .isEqualTo("broker: cannot start: another broker is using " + first.dataDir() + "\n");
            assertThat(first.portFile()).as("the first one's port file").exists();
        }
    }

    @Test
    void damagedDataIsNamedWithTheMend() throws Exception {
        Path dataDir = folder.resolve("broker");
        Files.createDirectories(dataDir.resolve("data"));
        Files.writeString(dataDir.resolve("data/meta.properties"), "version=7\n");
        try (BrokerProcess broker = BrokerProcess.spawn(dataDir)) {
            assertThat(broker.exitCode(START_BOUND)).isEqualTo(3);
            assertThat(broker.errors().lines())
                    .singleElement()
                    .asString()
                    .startsWith("broker: cannot start: ")
                    .contains("remove " + dataDir.resolve("data"));
        }
    }

    @Test
    void wrongCommandLineIsRefused() throws Exception {
        try (BrokerProcess broker = BrokerProcess.spawn(folder.resolve("broker"), "--prot", "1")) {
            assertThat(broker.exitCode(START_BOUND)).isEqualTo(2);
            assertThat(broker.errors()).startsWith("broker: unknown option --prot\nusage: ");
        }
    }

    private static Bus bus(BrokerProcess broker) throws IOException {
        return new Bus(BusSettings.of(broker.bootstrap(), "flowlane"));
    }

    private static void write(Bus bus, String runId) {
        try (BusWriter writer = bus.writer("test-" + runId)) {
            Run run = Run.newBuilder().setRunId(runId).setCoordinatorEpoch(1).build();
            writer.send(Topic.RUNS, runId, run).join();
        }
    }

    private static List<String> runIds(Bus bus) {
        List<String> ids = new ArrayList<>();
        try (BusReader reader = bus.reader("test-reader", OnMalformed.COUNT)) {
            reader.assign(Topic.RUNS, ReadFrom.BEGINNING);
            while (!reader.caughtUp()) {
                reader.poll(Duration.ofSeconds(1)).stream().map(BusRecord::key).forEach(ids::add);
            }
        }
        return ids;
    }
}
