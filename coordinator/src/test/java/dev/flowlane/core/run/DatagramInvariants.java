package dev.flowlane.core.run;

import static dev.flowlane.core.run.FleetInvariants.check;
import static java.util.Objects.requireNonNull;

import dev.flowlane.core.spec.Traffic;

import java.util.Map;
import java.util.Set;

/** What has to be true of runs over UDP, where what is lost is a figure and what is not accounted for is missing. */
final class DatagramInvariants {
    private final Map<String, SimFlow> flows;
    private final Set<Story> stories;

    DatagramInvariants(Map<String, SimFlow> flows, Set<Story> stories) {
        this.flows = flows;
        this.stories = stories;
    }

    /**
     * The figures of each flow are what its workers really counted, and add up where the run is said to be whole.
     *
     * @param attempt that the figures are of
     */
    void judge(RunOutcome outcome, int attempt) {
        if (!outcome.spec().traffic().isOverUdp()) {
            check(outcome.datagrams() == null, "7:", outcome.runId(), "has datagrams over TCP");
            return;
        }
        for (FlowOutcome flow : outcome.flows()) {
            if (flow.measured()) {
                judge(outcome, flow, requireNonNull(flows.get(flow.lane().flowId() + "#" + attempt)));
            }
        }
    }

    private void judge(RunOutcome outcome, FlowOutcome flow, SimFlow real) {
        Datagrams said = Datagrams.of(flow.datagrams());
        var source = requireNonNull(real.source).datagrams();
        var destination = requireNonNull(real.destination).datagrams();
        check(
                said.sent() == source.sentMessages() + destination.sentMessages()
                        && said.received() == source.receivedMessages() + destination.receivedMessages()
                        && said.lost() == source.lostMessages() + destination.lostMessages()
                        && said.duplicates() == source.duplicateMessages() + destination.duplicateMessages()
                        && said.timedOutRequests() == source.timedOutRequests(),
                "7:", flow.lane().flowId(), "says", said, "of", source, "and", destination);
        boolean addsUp = said.received() + said.lost() == said.sent();
        boolean whole = outcome.state() == StateName.COMPLETED || outcome.state() == StateName.DISTURBED;
        check(
                addsUp || !whole,
                "6:", flow.lane().flowId(), "of a run that is", outcome.state(), "does not add up:", said);
        if (!addsUp && outcome.state() == StateName.PARTIAL) {
            stories.add(Story.LOST_TRACK_OF_A_DATAGRAM);
        }
        if (outcome.state() == StateName.COMPLETED && said.lost() > 0) {
            stories.add(
                    outcome.spec().traffic() instanceof Traffic.DatagramStream
                            ? Story.LOST_DATAGRAMS_OF_A_STREAM_AND_COMPLETED
                            : Story.LOST_DATAGRAMS_OF_REQUESTS_AND_COMPLETED);
        }
    }
}
