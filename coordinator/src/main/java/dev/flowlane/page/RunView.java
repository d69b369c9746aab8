package dev.flowlane.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.FlowEnd;
import dev.flowlane.core.run.FlowLane;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.spec.SpecText;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** One run: where it is, its flows with their lanes, and its figures. */
public final class RunView {
    /** Flows on one page. */
    static final int FLOWS_PER_PAGE = 50;

    private RunView() {}

    /**
     * What is known of the run.
     *
     * @param figures as they came from the result topics; null while nothing was read
     * @param result its record on the topic {@code run-results} as JSON; null until it was read
     * @param problem why figures are missing, for a person; empty when none are
     * @param fromSeq number of the first interval that the reader lacks
     * @param page page of flows
     */
    public static ObjectNode of(
            RunRecord run,
            @Nullable RunFigures figures,
            @Nullable ObjectNode result,
            String problem,
            int fromSeq,
            int page) {
        ObjectNode json = RunsView.row(run);
        json.put("spec", SpecText.yaml(run.runId(), run.spec()));
        json.put("timed", run.spec().traffic().timed());
        json.put("attempt", run.attempt());
        json.put("trials", run.history().trials().size());
        json.put("trials_wanted", run.spec().conduct().trials());
        ArrayNode notes = json.putArray("notes");
        run.history().notes().forEach(notes::add);
        json.set("result", result);
        addFlows(json.putObject("flow_page"), run, figures, page);
        ObjectNode shown = json.putObject("figures");
        shown.put("problem", problem);
        shown.put("from_seq", fromSeq);
        ArrayNode leftOut = shown.putArray("left_out");
        if (figures == null) {
            shown.put("intervals", 0);
            shown.putArray("series");
            shown.put("lost_datagrams", 0);
            shown.putNull("loss_ratio");
            shown.putArray("cpus");
            shown.putArray("notices");
        } else {
            figures.leftOut().forEach(leftOut::add);
            shown.put("intervals", figures.intervals());
            shown.set("series", figures.series(fromSeq));
            shown.put("lost_datagrams", figures.lostDatagrams());
            shown.put("loss_ratio", figures.lossRatio());
            shown.set("cpus", figures.cpus(fromSeq));
            shown.set("notices", figures.notices());
        }
        return json;
    }

    private static void addFlows(ObjectNode json, RunRecord run, @Nullable RunFigures figures, int page) {
        List<FlowLane> flows = run.flows();
        ArrayNode items = json.putArray("items");
        for (FlowLane flow : Pages.cut(flows, page, FLOWS_PER_PAGE, json)) {
            ObjectNode item = items.addObject();
            item.put("flow_id", flow.flowId());
            addEnd(item, "source", flow.source());
            addEnd(item, "destination", flow.destination());
            if (figures != null) {
                figures.addFlow(flow.flowId(), item);
            }
        }
    }

    private static void addEnd(ObjectNode json, String name, FlowEnd end) {
        EndLane lane = end.observed();
        json.put(name + "_host_id", end.hostId())
                .put(name + "_address", (end.address().contains(":") ? "[" + end.address() + "]" : end.address())
                        + ":" + end.port())
                .put(name + "_observed", lane != null)
                .put(name + "_application_cpu", lane == null ? end.applicationCpu() : lane.applicationCpu())
                .put(name + "_receive_cpu", lane == null ? end.receiveCpu() : lane.receiveCpu());
    }
}
