package dev.flowlane.cli;

import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.Finding;
import dev.flowlane.core.doctor.Diagnosis;
import dev.flowlane.core.doctor.Diagnosis.Level;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What of Kafka and of the daemons that speak through it would spoil a measurement. */
final class KafkaChecks {
    /** Times of results are those of hosts: further apart, intervals of two hosts are hard to lay side by side. */
    static final Duration CLOCK_WARN = Duration.ofMillis(50);

    /** Commands have deadlines of some seconds by the broker's clock. */
    static final Duration CLOCK_FAIL = Duration.ofSeconds(5);

    private static final long NANOS_PER_MILLI = 1_000_000;

    private KafkaChecks() {}

    /** Of the topics, as the administration finds them. */
    static List<Diagnosis> topics(String bootstrap, List<Finding> findings) {
        List<Diagnosis> all = new ArrayList<>();
        all.add(new Diagnosis("kafka", Level.OK, "reached at " + bootstrap, ""));
        if (findings.isEmpty()) {
            all.add(new Diagnosis("topics", Level.OK, "all there, laid out as they should be", ""));
        }
        findings.forEach(finding -> all.add(
                new Diagnosis("topics", Level.FAIL, finding.topic() + ": " + finding.problem(), finding.mend())));
        return all;
    }

    /** A broker that cannot be reached. */
    static Diagnosis unreachable(CliException why) {
        return new Diagnosis("kafka", Level.FAIL, String.valueOf(why.getMessage()), String.join("; ", why.mend()));
    }

    /** Clock and life of one daemon; {@code heartbeats} are those heard lately. */
    static List<Diagnosis> daemon(String hostId, Map<String, BusRecord<HostEvent>> heartbeats) {
        BusRecord<HostEvent> last = heartbeats.get(hostId);
        HostEvent event = last == null ? null : last.value();
        if (event == null) {
            return List.of(new Diagnosis("daemon", Level.FAIL, "nothing was heard of host " + hostId + " for 30 s",
                    "is it up? on that host: flowlane host-daemon --host-id " + hostId + " --data-address ..."));
        }
        Diagnosis alive = new Diagnosis("daemon", Level.OK, "host " + hostId + " was heard", "");
        Long offsetNs = event.getBrokerClockOffsetNs();
        if (offsetNs == null) {
            return List.of(alive, new Diagnosis("clock-offset", Level.OK, "not known yet", ""));
        }
        return List.of(alive, clock(offsetNs));
    }

    /** Clock of this machine, by those of its daemons that were heard lately. */
    static List<Diagnosis> ownDaemons(
            String machineId, Collection<Host> hosts, Map<String, BusRecord<HostEvent>> heartbeats) {
        List<Diagnosis> all = hosts.stream()
                .filter(host -> host.getMachineId().equals(machineId))
                .map(Host::getHostId)
                .filter(heartbeats::containsKey)
                .sorted()
                .flatMap(hostId -> daemon(hostId, heartbeats).stream())
                .toList();
        return all.isEmpty()
                ? List.of(new Diagnosis("clock-offset", Level.OK,
                        "not known: no daemon of this machine was heard, which would tell it", ""))
                : all;
    }

    static Diagnosis clock(long offsetNs) {
        Duration offset = Duration.ofNanos(Math.abs(offsetNs));
        String text = String.format(java.util.Locale.ROOT, "%+.1f ms to the broker's clock",
                (double) offsetNs / NANOS_PER_MILLI);
        String mend = "synchronise the clocks: systemctl enable --now chrony   (chronyc tracking shows how far it is)";
        if (offset.compareTo(CLOCK_FAIL) >= 0) {
            return new Diagnosis("clock-offset", Level.FAIL, text, mend);
        }
        return offset.compareTo(CLOCK_WARN) >= 0
                ? new Diagnosis("clock-offset", Level.WARN, text, mend)
                : new Diagnosis("clock-offset", Level.OK, text, "");
    }
}
