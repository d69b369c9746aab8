package dev.flowlane.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.placement.Explanation;
import dev.flowlane.core.placement.Lane;
import dev.flowlane.core.placement.Plan;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;

/** A plan for people and for programs. */
final class PlanText {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final RunSpec spec;
    private final Plan plan;
    private final List<String> problems;
    private final List<String> notes;

    /**
     * @param problems what keeps the run from starting, CPUs aside
     * @param notes what else a person should know
     */
    PlanText(RunSpec spec, Plan plan, List<String> problems, List<String> notes) {
        this.spec = spec;
        this.plan = plan;
        this.problems = problems;
        this.notes = notes;
    }

    /** Whether the run could begin now. */
    boolean fits() {
        return explanation() == null && problems.isEmpty();
    }

    String table() {
        var text = new StringBuilder();
        problems.forEach(problem -> line(text, "it would be rejected: " + problem));
        switch (plan.outcome()) {
            case Plan.Outcome.Fits() -> line(text, "it fits as far as can be told: hashing decides which receive CPUs"
                    + " the connections get");
            case Plan.Outcome.Lanes(var placed) -> {
                line(text, "it fits");
                text.append('\n').append(lanes(placed.lanes()));
                placed.notes().forEach(note -> line(text, "note: " + note));
            }
            case Plan.Outcome.Waits(var blocked) -> lines(text, "it would wait", blocked.explanation());
            case Plan.Outcome.Rejected(var refused) -> lines(text, "it would be rejected", refused.explanation());
        }
        if (!plan.pairs().isEmpty()) {
            text.append('\n').append(pairs(plan.pairs()));
        }
        notes.forEach(note -> line(text, "note: " + note));
        return text.toString();
    }

    private static void lines(StringBuilder text, String verdict, Explanation explanation) {
        line(text, verdict + ": " + explanation.lines().getFirst());
        explanation.lines().stream().skip(1).forEach(line -> line(text, "  " + line));
    }

    private static void line(StringBuilder text, String line) {
        text.append(Plain.text(line)).append('\n');
    }

    private static String lanes(List<Lane> lanes) {
        var table = new TextTable().left("FLOW").left("LANE");
        for (int flow = 0; flow < lanes.size(); flow++) {
            Lane lane = lanes.get(flow);
            table.row(Integer.toString(flow),
                    lane.pair().source() + " rx " + cpu(lane.sourceReceiveCpu()) + " app "
                            + cpu(lane.sourceApplicationCpu()) + " → " + lane.pair().destination() + " rx "
                            + cpu(lane.destinationReceiveCpu()) + " app " + cpu(lane.destinationApplicationCpu()));
        }
        return table.render();
    }

    private static String cpu(int cpu) {
        return cpu < 0 ? "?" : Integer.toString(cpu);
    }

    private static String pairs(List<Plan.Pair> pairs) {
        var table = new TextTable().left("PAIR").right("FLOWS").left("END").left("RECEIVE CPU").left("MAY RECEIVE ON")
                .left("MAY RUN ON").left("ALLOWED");
        for (Plan.Pair pair : pairs) {
            for (Plan.End end : List.of(pair.source(), pair.destination())) {
                table.row(pair.pair().toString(), Integer.toString(pair.flows()), end.hostId(), steering(end),
                        cpus(end.receive()), cpus(end.application()), cpus(end.usable()));
            }
        }
        return table.render();
    }

    private static String steering(Plan.End end) {
        return switch (end.steering()) {
            case HASHED -> "by hash, not known yet";
            case FOLLOWS_RECEIVER -> "follows the receiver";
            case FOLLOWS_SENDER -> "follows the sender";
        };
    }

    private static String cpus(CpuSet cpus) {
        return cpus.isEmpty() ? "none" : cpus + " (" + cpus.size() + ")";
    }

    /** Names as the Avro fields have them. */
    ObjectNode json() {
        ObjectNode json = NODES.objectNode();
        json.put("outcome", outcome());
        json.put("flows_requested", spec.flowCount());
        ArrayNode faults = json.putArray("problems");
        problems.forEach(faults::add);
        Explanation explanation = explanation();
        json.set("explanation", explanation == null ? NODES.nullNode() : json(explanation));
        ArrayNode pairs = json.putArray("pairs");
        for (Plan.Pair pair : plan.pairs()) {
            ObjectNode one = pairs.addObject();
            one.put("source_host_id", pair.pair().source());
            one.put("destination_host_id", pair.pair().destination());
            one.put("flows", pair.flows());
            one.set("source", json(pair.source()));
            one.set("destination", json(pair.destination()));
        }
        ArrayNode lanes = json.putArray("lanes");
        ArrayNode all = NODES.arrayNode();
        if (plan.outcome() instanceof Plan.Outcome.Lanes(var placed)) {
            placed.lanes().forEach(lane -> lanes.add(json(lane)));
            placed.notes().forEach(all::add);
        }
        notes.forEach(all::add);
        json.set("notes", all);
        return json;
    }

    private String outcome() {
        if (!problems.isEmpty()) {
            return "REJECTED";
        }
        return switch (plan.outcome()) {
            case Plan.Outcome.Fits _, Plan.Outcome.Lanes _ -> "FITS";
            case Plan.Outcome.Waits _ -> "WAITS";
            case Plan.Outcome.Rejected _ -> "REJECTED";
        };
    }

    private @Nullable Explanation explanation() {
        return switch (plan.outcome()) {
            case Plan.Outcome.Fits _, Plan.Outcome.Lanes _ -> null;
            case Plan.Outcome.Waits(var blocked) -> blocked.explanation();
            case Plan.Outcome.Rejected(var refused) -> refused.explanation();
        };
    }

    private static ObjectNode json(Plan.End end) {
        ObjectNode json = NODES.objectNode();
        json.put("machine_id", end.machineId());
        json.put("steering", end.steering().name());
        json.put("receive_cpu_known", end.steering() != Steering.HASHED);
        json.put("allowed_cpus", end.usable().toString());
        json.put("receive_cpus", end.receive().toString());
        json.put("application_cpus", end.application().toString());
        return json;
    }

    private static ObjectNode json(Lane lane) {
        ObjectNode json = NODES.objectNode();
        json.put("source_host_id", lane.pair().source());
        json.put("destination_host_id", lane.pair().destination());
        json.put("source_receive_cpu", lane.sourceReceiveCpu());
        json.put("source_application_cpu", lane.sourceApplicationCpu());
        json.put("destination_receive_cpu", lane.destinationReceiveCpu());
        json.put("destination_application_cpu", lane.destinationApplicationCpu());
        ArrayNode claims = json.putArray("claims");
        lane.claims().forEach(claim -> claims.addObject()
                .put("machine_id", claim.machineId())
                .put("cpu", claim.cpu())
                .put("exclusive", claim.exclusive().name().toLowerCase(Locale.ROOT).replace('_', '-')));
        return json;
    }

    private static ObjectNode json(Explanation explanation) {
        ObjectNode json = NODES.objectNode();
        json.put("summary", explanation.summary());
        json.put("flows_placed", explanation.flowsPlaced());
        json.put("exact", explanation.exact());
        ArrayNode bottlenecks = json.putArray("bottlenecks");
        explanation.bottlenecks().forEach(bottlenecks::add);
        ArrayNode claims = json.putArray("claims_in_the_way");
        explanation.claimsInTheWay().forEach((runId, held) -> held.forEach(cpus -> claims.addObject()
                .put("run_id", runId)
                .put("machine_id", cpus.machineId())
                .put("cpus", cpus.cpus().toString())));
        ArrayNode suggestions = json.putArray("suggestions");
        explanation.suggestions().forEach(suggestions::add);
        return json;
    }
}
