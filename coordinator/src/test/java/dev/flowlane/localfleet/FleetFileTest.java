package dev.flowlane.localfleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

final class FleetFileTest {
    @TempDir
    Path directory = Path.of(".");

    private final ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();

    @Test
    void whatIsWrittenIsReadBack() {
        FleetRecord fleet = fleet(self);
        FleetFile.write(file(), fleet);

        assertThat(FleetFile.read(file())).contains(fleet);
    }

    @Test
    void aFleetOfNobodyHasNoOwner() {
        FleetFile.write(file(), new FleetRecord(null, "127.0.0.1:1", "flowlane", Instant.EPOCH, fleet(self).members()));

        assertThat(FleetFile.read(file()).orElseThrow().isOwned()).isFalse();
    }

    @Test
    void nothingOrGarbageIsNoFleet() throws IOException {
        assertThat(FleetFile.read(file())).isEmpty();
        for (String garbage : List.of("", "{", "[]", "{\"processes\": [{}]}", "\u0000\u0001")) {
            Files.writeString(file(), garbage);
            assertThat(FleetFile.read(file())).as(garbage).isEmpty();
        }
    }

    @Test
    void aProcessThatRunsIsAlive() {
        assertThat(fleet(self).isWhole()).isTrue();
    }

    @Test
    void anotherProcessWithTheSameNumberIsNotTheFleets() {
        ProcessIdentity earlier = new ProcessIdentity(self.pid(), self.startTicks() - 1, self.bootId());
        ProcessIdentity beforeTheReboot = new ProcessIdentity(self.pid(), self.startTicks(), "another boot");

        assertThat(fleet(earlier).isAnyAlive()).isFalse();
        assertThat(fleet(beforeTheReboot).isAnyAlive()).isFalse();
    }

    @Test
    void aProcessThatEndedIsNotAlive() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("cat").start();
        ProcessIdentity identity = ProcessIdentity.of(process.pid()).orElseThrow();
        assertThat(identity.isAlive()).isTrue();
        process.getOutputStream().close();
        process.waitFor();

        assertThat(identity.isAlive()).isFalse();
    }

    private FleetRecord fleet(ProcessIdentity process) {
        return new FleetRecord(self, "127.0.0.1:9092", "flowlane", Instant.parse("2026-11-21T10:00:00.123Z"),
                List.of(new FleetRecord.Member("broker", process, Path.of("/var/log/broker.log"))));
    }

    private Path file() {
        return directory.resolve("fleet.json");
    }
}
