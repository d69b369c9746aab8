package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.cli.Lab;
import dev.flowlane.coordinator.JavaProcess;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;

/** {@code kill -9} of a test in mid-run: what its fixture started ends, and what is left goes with the next start. */
final class KilledTestsIT {
    /** Where it is the first fleet of a build, {@code flowlane up} makes the ahead-of-time caches before. */
    private static final Duration MEASURING_WITHIN = Duration.ofMinutes(10);

    /** The longest is an orderly {@code flowlane down}. */
    private static final Duration GONE_WITHIN = Duration.ofMinutes(2);

    @ParameterizedTest
    @EnumSource(Fixtures.Fixture.class)
    void nothingIsLeftOf(Fixtures.Fixture fixture) throws Exception {
        boolean lab = fixture == Fixtures.Fixture.LAB;
        String impediment = lab ? Lab.impediment() : "";
        Assumptions.assumeTrue(impediment.isEmpty(), impediment);
        Remains remains;
        try (JavaProcess test = JavaProcess.start(List.of(
                "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
                Fixtures.class.getName(), fixture.name()))) {
            await("the run").atMost(MEASURING_WITHIN).until(() -> {
                assertThat(test.isAlive()).as(test.output()).isTrue();
                return test.output().contains(Fixtures.MEASURING);
            });
            remains = new Remains(test.pid());
            List<String> processes = remains.processes();
            for (String program : List.of("BrokerMain", "CoordinatorMain", "HostDaemonMain", "WorkerMain")) {
                assertThat(processes).anyMatch(process -> process.contains(program));
            }
            assertThat(remains.sockets()).hasSizeGreaterThanOrEqualTo(2);
            assertThat(remains.network().isEmpty()).isNotEqualTo(lab);

            test.kill();
        }

        await("the processes to end").atMost(GONE_WITHIN)
                .untilAsserted(() -> assertThat(remains.processes()).isEmpty());
        await("the lab to go").atMost(GONE_WITHIN)
                .untilAsserted(() -> assertThat(remains.network()).isEmpty());
        // All of these fixtures begin with it, and folders with the files of sockets are what it takes away.
        FleetFiles.create(FaultFleet.BROKER, FaultFleet.A).close();
        assertThat(remains.mounts()).isEmpty();
        assertThat(remains.files()).isEmpty();
    }
}
