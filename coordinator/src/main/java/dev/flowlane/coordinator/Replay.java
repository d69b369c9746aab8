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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the compacted topics remember: the newest record of every host and run, and the highest epoch. Of the runs that
 * are over only the newest are kept, many more than the core will remember, and of these only the newest with their
 * flows, so that memory does not grow with the years.
 */
final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final int ENDED_RUNS = 1_000;

    /** As many as the core will remember. */
    private static final int ENDED_FLOWS = 20_000;

    private final Map<String, RunRecord> live = new LinkedHashMap<>();
    private final Map<String, RunRecord> ended = new LinkedHashMap<>();
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private int endedFlows;
    private long epoch;

    /** Takes in a record of {@code runs} or {@code hosts}; a tombstone forgets. */
    void add(BusRecord<?> record) {
        String key = record.key();
        if (record.topic() == (Topic<?>) Topic.HOSTS) {
            Host host = record.as(Topic.HOSTS);
            hosts.remove(key);
            if (host != null) {
                hosts.put(key, host);
            }
            return;
        }
        Run run = record.as(Topic.RUNS);
        if (run != null) {
            epoch = Math.max(epoch, run.getCoordinatorEpoch());
        }
        if (!key.equals(RunAvro.EPOCH_KEY)) {
            live.remove(key);
            RunRecord before = ended.remove(key);
            endedFlows -= before == null ? 0 : before.flows().size();
            if (run != null) {
                add(run);
            }
        }
    }

    private void add(Run run) {
        switch (RunAvro.fromAvro(run)) {
            case Read.Value<RunRecord>(RunRecord value) -> {
                if (value.state().live()) {
                    live.put(value.runId(), value);
                } else {
                    ended.put(value.runId(), value);
                    endedFlows += value.flows().size();
                }
                if (ended.size() > 2 * ENDED_RUNS || endedFlows > 2 * ENDED_FLOWS) {
                    forget();
                }
            }
            case Read.Unreadable<RunRecord>(String why) ->
                LOG.atError().addKeyValue("why", why).log("run left as it is: its record cannot be understood");
        }
    }

    private void forget() {
        List<RunRecord> newestFirst = ended.values().stream()
                .sorted(Comparator.comparing((RunRecord run) -> run.state().since()).reversed())
                .toList();
        endedFlows = 0;
        int runs = 0;
        for (RunRecord run : newestFirst) {
            RunRecord kept = endedFlows + run.flows().size() > ENDED_FLOWS ? run.withoutFlows() : run;
            endedFlows += kept.flows().size();
            if (++runs > ENDED_RUNS) {
                ended.remove(run.runId());
                endedFlows -= kept.flows().size();
            } else {
                ended.put(run.runId(), kept);
            }
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

    /** Every live run, and those that ended last. */
    List<RunRecord> runs() {
        List<RunRecord> runs = new ArrayList<>(ended.values());
        runs.addAll(live.values());
        return runs;
    }

    /** Every host that this version can read. */
    List<HostAnnouncement> announcements() {
        List<HostAnnouncement> readable = new ArrayList<>();
        for (Host host : hosts.values()) {
            switch (HostAvro.fromAvro(host)) {
                case Read.Value<HostAnnouncement>(HostAnnouncement value) -> readable.add(value);
                case Read.Unreadable<HostAnnouncement>(String why) ->
                    LOG.atWarn().addKeyValue("why", why).log("host passed over until it announces itself anew");
            }
        }
        return readable;
    }
}
