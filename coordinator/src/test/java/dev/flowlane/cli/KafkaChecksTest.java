package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.HostEventType;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.Finding;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.doctor.Diagnosis;
import dev.flowlane.core.doctor.Diagnosis.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.util.List;
import java.util.Map;

final class KafkaChecksTest {
    @ParameterizedTest
    @CsvSource({"0, OK", "-49999999, OK", "50000000, WARN", "-4999000000, WARN", "5000000000, FAIL", "-9e10, FAIL"})
    void clocksThatDifferAreToldByHowMuch(double offsetNs, Level level) {
        assertThat(KafkaChecks.clock((long) offsetNs).level()).isEqualTo(level);
    }

    @Test
    void theOffsetIsThatOfTheDaemonsLastWord() {
        HostEvent event = HostEvent.newBuilder()
                .setEventType(HostEventType.HEARTBEAT)
                .setHostId("a")
                .setInstanceId("i")
                .setEventTime(Instant.EPOCH)
                .setBrokerClockOffsetNs(-72_300_000L)
                .build();
        BusRecord<HostEvent> heard = new BusRecord<>(Topic.HOST_EVENTS, 0, 0, Instant.EPOCH, "a", event);

        List<Diagnosis> diagnoses = KafkaChecks.daemon("a", Map.of("a", heard));

        assertThat(diagnoses).extracting(Diagnosis::check).containsExactly("daemon", "clock-offset");
        assertThat(diagnoses.getLast().found()).isEqualTo("-72.3 ms to the broker's clock");
        assertThat(diagnoses.getLast().level()).isEqualTo(Level.WARN);
        assertThat(KafkaChecks.daemon("b", Map.of("a", heard)))
                .singleElement()
                .satisfies(silent -> assertThat(silent.level()).isEqualTo(Level.FAIL));
    }

    @Test
    void thisMachinesClockIsThatOfItsOwnDaemons() {
        HostEvent event = HostEvent.newBuilder()
                .setEventType(HostEventType.HEARTBEAT)
                .setHostId("a")
                .setInstanceId("i")
                .setEventTime(Instant.EPOCH)
                .setBrokerClockOffsetNs(1_000_000L)
                .build();
        Map<String, BusRecord<HostEvent>> heard =
                Map.of("a", new BusRecord<>(Topic.HOST_EVENTS, 0, 0, Instant.EPOCH, "a", event));

        assertThat(KafkaChecks.ownDaemons("here", List.of(host("a", "here"), host("gone", "here")), heard))
                .extracting(Diagnosis::check)
                .containsExactly("daemon", "clock-offset");
        assertThat(KafkaChecks.ownDaemons("here", List.of(host("a", "elsewhere")), heard))
                .singleElement()
                .satisfies(unknown -> assertThat(unknown.found()).startsWith("not known"));
    }

    @Test
    void whatIsWrongWithATopicComesWithItsMend() {
        List<Diagnosis> diagnoses = KafkaChecks.topics(
                "k:9092", List.of(new Finding("flowlane.runs", "is missing", "flowlane topics create")));

        assertThat(diagnoses).extracting(Diagnosis::level).containsExactly(Level.OK, Level.FAIL);
        assertThat(diagnoses.getLast().mend()).isEqualTo("flowlane topics create");
        assertThat(KafkaChecks.topics("k:9092", List.of())).extracting(Diagnosis::level).containsOnly(Level.OK);
    }

    private static Host host(String hostId, String machineId) {
        return Host.newBuilder()
                .setHostId(hostId)
                .setMachineId(machineId)
                .setInstanceId("i")
                .setEventTime(Instant.EPOCH)
                .setDataAddresses(List.of())
                .setOnlineCpus("0-1")
                .setAllowedCpus("0-1")
                .build();
    }
}
