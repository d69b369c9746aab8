package dev.flowlane.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.spec.RunSpec;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The runs that the coordinator remembers, newest first. */
public final class RunsView {
    /** Runs on one page. */
    static final int RUNS_PER_PAGE = 50;

    /** Of hosts that are named in a row. */
    private static final int HOSTS_MAX = 8;

    /** Which runs to show. */
    public static final List<String> SHOWS = List.of("all", "live", "ended");

    private RunsView() {}

    /**
     * One page of them.
     *
     * @param filter text in the id, the state, the requester, a host, or a reason
     */
    public static ObjectNode of(FleetState fleet, String filter, String show, int page) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("runs", fleet.runs().size());
        json.put("live", fleet.runs().values().stream().filter(run -> run.state().live()).count());
        List<RunRecord> matching = fleet.runs().values().stream()
                .filter(run -> show.equals("all") || run.state().live() == show.equals("live"))
                .filter(run -> Pages.matches(filter, texts(run)))
                .sorted(Comparator.comparing(RunRecord::submittedAt)
                        .thenComparing(RunRecord::runId)
                        .reversed())
                .toList();
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        for (RunRecord run : Pages.cut(matching, page, RUNS_PER_PAGE, json)) {
            items.add(row(run));
        }
        json.set("items", items);
        return json;
    }

    private static List<String> texts(RunRecord run) {
        List<String> texts = new ArrayList<>(List.of(run.runId(), run.state().name().name(), run.requestedBy()));
        texts.addAll(run.spec().sources());
        texts.addAll(run.spec().destinations());
        texts.addAll(run.state().reasons());
        return texts;
    }

    /** What one run is, in a row. */
    static ObjectNode row(RunRecord run) {
        RunSpec spec = run.spec();
        RunState state = run.state();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run_id", run.runId())
                .put("state", state.name().name())
                .put("live", state.live())
                .put("state_time", state.since().toString())
                .put("requested_by", run.requestedBy())
                .put("submitted_time", run.submittedAt().toString())
                .put("started_time", time(run.startedAt()))
                .put("ended_time", time(run.endedAt()))
                .put("deadline_time", time(state.deadline()))
                .put("traffic", spec.traffic().kind())
                .put("reverse", spec.course().reverse())
                .put("topology", spec.topology().name())
                .put("flows", spec.flowCount())
                .put("duration_ns", spec.duration().toNanos())
                .put("warmup_ns", spec.warmup().toNanos())
                .put("interval_ns", spec.interval().toNanos())
                .put("cancelling", state instanceof RunState.Finishing finishing && finishing.cancelRequested());
        addNames(json.putArray("sources"), spec.sources());
        addNames(json.putArray("destinations"), spec.destinations());
        ArrayNode reasons = json.putArray("reasons");
        state.reasons().forEach(reasons::add);
        ArrayNode waitingFor = json.putArray("waiting_for");
        if (state instanceof RunState.Queued queued) {
            queued.waitingFor().forEach(waitingFor::add);
        }
        return json;
    }

    private static void addNames(ArrayNode array, List<String> names) {
        names.stream().limit(HOSTS_MAX).forEach(array::add);
        if (names.size() > HOSTS_MAX) {
            array.add("and " + (names.size() - HOSTS_MAX) + " more");
        }
    }

    private static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
