package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.core.placement.CpuTopology;
import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.HostAnnouncement.DataAddress;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What {@code plan} prints, from what is on the topics to the text. */
final class PlanTextTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    @Test
    void onOneNetworkStackTheLanesAreShown() {
        PlanText text = plan(1, host("host-a", "m1", "127.0.0.1", Steering.FOLLOWS_SENDER, true),
                host("host-b", "m1", "127.0.0.1", Steering.FOLLOWS_SENDER, true));

        assertThat(text.fits()).isTrue();
        assertThat(text.table()).startsWith("""
                it fits

                FLOW  LANE
                0     host-a rx ? app 0 → host-b rx ? app 1

                PAIR             FLOWS  END     RECEIVE CPU         MAY RECEIVE ON  MAY RUN ON  ALLOWED
                """);
        JsonNode json = text.json();
        assertThat(json.path("outcome").textValue()).isEqualTo("FITS");
        assertThat(json.path("lanes").path(0).path("destination_application_cpu").intValue()).isEqualTo(1);
        assertThat(json.path("explanation").isNull()).isTrue();
    }

    @Test
    void whereHashingDecidesTheTableSaysThatTheReceiveCpuIsNotKnown() {
        PlanText text = plan(2, host("host-a", "m1", "10.0.0.1", Steering.HASHED, true),
                host("host-b", "m2", "10.0.0.2", Steering.HASHED, true));

        assertThat(text.fits()).isTrue();
        assertThat(text.table()).isEqualTo("""
                it fits as far as can be told: hashing decides which receive CPUs the connections get

                PAIR             FLOWS  END     RECEIVE CPU             MAY RECEIVE ON  MAY RUN ON  ALLOWED
                host-a → host-b      2  host-a  by hash, not known yet  0-1 (2)         0-1 (2)     0-1 (2)
                host-a → host-b      2  host-b  by hash, not known yet  0-1 (2)         0-1 (2)     0-1 (2)
                """);
        JsonNode source = text.json().path("pairs").path(0).path("source");
        assertThat(source.path("receive_cpu_known").booleanValue()).isFalse();
        assertThat(source.path("receive_cpus").textValue()).isEqualTo("0-1");
        assertThat(text.json().path("lanes")).isEmpty();
    }

    @Test
    void oneStackWithoutLoopbackAddressesFollowsTheSender() {
        PlanText text = plan(1, host("host-a", "m1", "10.0.0.1", Steering.HASHED, true),
                host("host-b", "m1", "10.0.0.1", Steering.HASHED, true));

        assertThat(text.json().path("lanes")).hasSize(1);
    }

    @Test
    void aRefusalIsExplained() {
        PlanText text = plan(3, host("host-a", "m1", "10.0.0.1", Steering.HASHED, true),
                host("host-b", "m2", "10.0.0.2", Steering.HASHED, true));

        assertThat(text.fits()).isFalse();
        assertThat(text.table()).startsWith("""
                it would be rejected: not enough CPUs for 3 flows: 2 fit
                  3 flow ends (3 at host-a) need a CPU each, but may only use CPUs 0-1 of host-a
                  largest set found: 2 of 3 flows
                  what would help: flows: 2; placement.exclusive: none
                """);
        JsonNode json = text.json();
        assertThat(json.path("outcome").textValue()).isEqualTo("REJECTED");
        assertThat(json.path("explanation").path("flows_placed").intValue()).isEqualTo(2);
        assertThat(json.path("explanation").path("suggestions").path(0).textValue()).isEqualTo("flows: 2");
    }

    @Test
    void aHostThatIsShutDownIsAReason() {
        PlanText text = plan(1, host("host-a", "m1", "10.0.0.1", Steering.HASHED, true),
                host("host-b", "m2", "10.0.0.2", Steering.HASHED, false));

        assertThat(text.fits()).isFalse();
        assertThat(text.table()).startsWith("it would be rejected: host host-b is offline");
        assertThat(text.json().path("problems")).hasSize(1);
    }

    @Test
    void aFeatureThatAHostLacksIsAReason() {
        SpecResult result = SpecParser.parse(
                "sources: [host-a]\ndestinations: [host-b]\nio: {receive-memory: devmem}");
        var sight = new PlanSight(((SpecResult.Parsed) result).spec(),
                hosts(host("host-a", "m1", "10.0.0.1", Steering.HASHED, true),
                        host("host-b", "m2", "10.0.0.2", Steering.HASHED, true)), List.of());

        assertThat(sight.plan("").fits()).isFalse();
        assertThat(sight.plan("").table()).startsWith("it would be rejected: io.receive-memory: host host-a does not"
                + " say whether it has tcp-devmem");
    }

    @Test
    void runsInLineForTheSameMachinesAreNamed() {
        RunSpec spec = spec(1);
        var queued = new RunRecord("earlier", "c", "ann", spec, NOW, 1, 1, 0, null, History.NONE,
                new RunState.Queued(NOW, new TreeSet<>(), List.of(), false, null));
        var sight = new PlanSight(spec, hosts(host("host-a", "m1", "10.0.0.1", Steering.HASHED, true),
                host("host-b", "m2", "10.0.0.2", Steering.HASHED, true)), List.of(queued));

        assertThat(sight.plan("").table()).contains("note: searching or in line for the same machines: earlier");
    }

    private static PlanText plan(int flows, HostAnnouncement... hosts) {
        return new PlanSight(spec(flows), hosts(hosts), List.of()).plan("");
    }

    private static RunSpec spec(int flows) {
        SpecResult result = SpecParser.parse("sources: [host-a]\ndestinations: [host-b]\nflows: " + flows);
        return ((SpecResult.Parsed) result).spec();
    }

    private static Map<String, HostAnnouncement> hosts(HostAnnouncement... hosts) {
        var byId = new TreeMap<String, HostAnnouncement>();
        for (HostAnnouncement host : hosts) {
            byId.put(host.hostId(), host);
        }
        return byId;
    }

    private static HostAnnouncement host(
            String hostId, String machineId, String address, Steering steering, boolean online) {
        var topology = new ArrayList<CpuTopology>();
        for (int cpu = 0; cpu < 2; cpu++) {
            topology.add(new CpuTopology(cpu, cpu, 0, 0, CpuSet.of(cpu)));
        }
        return new HostAnnouncement(hostId, "i", NOW, online, Duration.ofSeconds(15),
                List.of(new DataAddress(address, 7411, "eth0", steering)),
                new HostCpus(hostId, machineId, CpuSet.parse("0-1"), CpuSet.empty(), topology), Set.of());
    }
}
