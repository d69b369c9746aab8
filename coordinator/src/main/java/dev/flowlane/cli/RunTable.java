package dev.flowlane.cli;

import dev.flowlane.avro.FlowEndLane;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.avro.RunSpec;
import org.jspecify.annotations.Nullable;

/** A run that has not ended, for people. */
final class RunTable {
    private RunTable() {}

    static String of(Run run) {
        StringBuilder text = new StringBuilder();
        line(text, "run", run.getRunId());
        line(text, "state", run.getState() + " since " + ListVerb.seconds(run.getStateTime()));
        line(text, "submitted", ListVerb.seconds(run.getSubmittedTime()) + " by " + run.getRequestedBy());
        RunSpec spec = run.getSpec();
        if (spec != null) {
            line(text, "hosts", ListVerb.hosts(spec));
            line(text, "traffic", ListVerb.traffic(spec));
        }
        if (!run.getWaitingFor().isEmpty()) {
            line(text, "waits for", String.join(", ", run.getWaitingFor()));
        }
        if (run.getNotBeforeTime() != null) {
            line(text, "not before", run.getNotBeforeTime().toString());
        }
        if (!run.getTrials().isEmpty()) {
            line(text, "trials", run.getTrials().size() + " of " + (spec == null ? "?" : spec.getTrials()) + " made");
        }
        run.getGivenUpAttempts().forEach(given -> line(text, "given up", ResultTable.givenUp(given)));
        if (run.getDeadlineTime() != null) {
            line(text, "deadline", ListVerb.seconds(run.getDeadlineTime()));
        }
        run.getReasons().forEach(reason -> line(text, "reason", reason));
        if (!run.getFlows().isEmpty()) {
            text.append('\n').append(flows(run));
        }
        return text.toString();
    }

    private static String flows(Run run) {
        TextTable table = new TextTable().left("FLOW").left("LANE").left("CONNECTION");
        for (RunFlow flow : run.getFlows()) {
            table.row(
                    flow.getFlowId(),
                    flow.getSourceHostId()
                            + end(flow.getSourceLane(), flow.getSourceReceiveCpu(), flow.getSourceApplicationCpu())
                            + " → " + flow.getDestinationHostId()
                            + end(flow.getDestinationLane(), flow.getDestinationReceiveCpu(),
                                    flow.getDestinationApplicationCpu()),
                    address(flow.getSourceAddress(), flow.getSourcePort()) + " → "
                            + address(flow.getDestinationAddress(), flow.getDestinationPort()));
        }
        return table.render();
    }

    /** What was observed when the end was ready, or else what is planned. */
    private static String end(@Nullable FlowEndLane observed, int plannedReceive, int plannedApplication) {
        int receive = observed == null ? plannedReceive : observed.getReceiveCpu();
        int application = observed == null ? plannedApplication : observed.getApplicationCpu();
        return " rx " + (receive < 0 ? "?" : receive) + " app " + (application < 0 ? "?" : application)
                + (observed == null ? " (planned)" : "");
    }

    static String address(String address, int port) {
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format("%-10s ", name)).append(Plain.text(value)).append('\n');
    }
}
