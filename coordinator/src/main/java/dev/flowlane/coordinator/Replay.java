package dev.flowlane.coordinator;

import dev.flowlane.avro.Host;
import dev.flowlane.avro.Run;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.HostAvro;
import dev.flowlane.coordinator.wire.Read;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.RunRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the compacted topics remember: the newest record of every run and host, and the highest epoch. */
final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);

    private final Map<String, Run> runs = new LinkedHashMap<>();
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private long epoch;

    /** Takes in a record of {@code runs} or {@code hosts}; a tombstone forgets. */
    void add(BusRecord<?> record) {
        if (record.topic() == (Topic<?>) Topic.HOSTS) {
            put(hosts, record.key(), record.as(Topic.HOSTS));
            return;
        }
        Run run = record.as(Topic.RUNS);
        if (run != null) {
            epoch = Math.max(epoch, run.getCoordinatorEpoch());
        }
        if (!record.key().equals(RunAvro.EPOCH_KEY)) {
            put(runs, record.key(), run);
        }
    }

    /** Highest epoch that anybody has written. */
    long epoch() {
        return epoch;
    }

    /** Host records by host id. */
    Map<String, Host> hosts() {
        return hosts;
    }

    /** Every run that this version can read. */
    List<RunRecord> runs() {
        List<RunRecord> readable = new ArrayList<>();
        for (Run run : runs.values()) {
            switch (RunAvro.fromAvro(run)) {
                case Read.Value<RunRecord>(RunRecord value) -> readable.add(value);
                case Read.Unreadable<RunRecord>(String why) -> LOG.atError().addKeyValue("why", why)
                        .log("run left as it is: its record cannot be understood");
            }
        }
        return readable;
    }

    /** Every host that this version can read. */
    List<HostAnnouncement> announcements() {
        List<HostAnnouncement> readable = new ArrayList<>();
        for (Host host : hosts.values()) {
            switch (HostAvro.fromAvro(host)) {
                case Read.Value<HostAnnouncement>(HostAnnouncement value) -> readable.add(value);
                case Read.Unreadable<HostAnnouncement>(String why) -> LOG.atWarn().addKeyValue("why", why)
                        .log("host passed over until it announces itself anew");
            }
        }
        return readable;
    }

    private static <V> void put(Map<String, V> map, String key, @Nullable V value) {
        // Newest last, as on the topic.
        map.remove(key);
        if (value != null) {
            map.put(key, value);
        }
    }
}
