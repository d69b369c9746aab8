package dev.flowlane.coordinator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.avro.Host;
import dev.flowlane.coordinator.wire.AvroJson;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.HostView;
import dev.flowlane.core.run.RunRecord;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the loop shows to the rest of the process: immutable, and replaced as a whole after each turn that changed it.
 *
 * @param phase how far the coordinator has come
 * @param problem what it waits for, for a person; empty when it decides
 * @param fleet the state that decisions are made from, as it is on the bus
 * @param hosts newest host records by host id
 * @param brokerClockOffset broker's clock minus this host's
 */
record Snapshot(
        Phase phase, String problem, FleetState fleet, Map<String, Host> hosts, Duration brokerClockOffset) {

    static final Snapshot STARTING = new Snapshot(
            Phase.REACHING_KAFKA, "starting", FleetState.INITIAL, Map.of(), Duration.ZERO);

    Snapshot {
        hosts = Map.copyOf(hosts);
    }

    /** Whether it decides, now. */
    boolean ready() {
        return phase == Phase.READY && problem.isEmpty();
    }

    /** Whether this step of the way to deciding is done and still holds. */
    boolean passed(Phase step) {
        boolean kafkaLost = phase == Phase.READY && !problem.isEmpty();
        return step.compareTo(phase) < 0 && !(kafkaLost && step == Phase.REACHING_KAFKA);
    }

    /** The runs without their flows and claims, newest first. */
    ArrayNode runsJson() {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        fleet.runs().values().stream()
                .sorted((a, b) -> b.submittedAt().compareTo(a.submittedAt()))
                .map(Snapshot::json)
                .forEach(run -> array.add(run.without(List.of("flows", "claims"))));
        return array;
    }

    /** The whole record of a run. */
    Optional<ObjectNode> runJson(String runId) {
        return Optional.ofNullable(fleet.runs().get(runId)).map(Snapshot::json);
    }

    /** The hosts by id. */
    ArrayNode hostsJson() {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        fleet.hosts().values().forEach(host -> array.add(json(host)));
        return array;
    }

    /** A host's record and what is known of the host besides. */
    Optional<ObjectNode> hostJson(String hostId) {
        return Optional.ofNullable(fleet.hosts().get(hostId)).map(this::json);
    }

    private static ObjectNode json(RunRecord run) {
        return AvroJson.of(RunAvro.toAvro(run));
    }

    private ObjectNode json(HostView view) {
        Host host = hosts.get(view.hostId());
        ObjectNode json = host == null
                ? JsonNodeFactory.instance.objectNode().put("host_id", view.hostId())
                : AvroJson.of(host);
        json.put("liveness", view.liveness().name());
        json.put("last_heartbeat_time", AvroJson.time(view.lastWordAt()));
        json.put("broker_clock_offset_ns", view.brokerClockOffsetNs());
        json.put("warm_workers", view.warmWorkers());
        ArrayNode live = json.putArray("live_run_ids");
        view.liveRunIds().stream().sorted().forEach(live::add);
        return json;
    }
}
