package dev.flowlane.core.run;

import dev.flowlane.core.Counted;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Traffic;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run is worth, and why in plain words, most important first.
 *
 * <p>COMPLETED: every end is DONE, received equals sent for every flow, every interval is there, no lane drifted, no
 * payload was wrong. DISTURBED: all is there, but a lane drifted. PARTIAL: something is missing, but some flow was
 * measured. FAILED: payload was wrong, or no flow was measured.
 */
record Verdict(StateName state, List<String> reasons) {
    /** A run of a thousand flows that all lack the same thing need not say so a thousand times. */
    static final int REASONS_MAX = 40;

    private static final long NS_PER_MS = 1_000_000;

    static Verdict of(RunSpec spec, List<FlowOutcome> flows, RunState.Finishing finishing) {
        List<String> wrong = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> drifted = new ArrayList<>();
        for (FlowOutcome flow : flows) {
            flow.lane().ends().forEach(end -> {
                payload(flow, end, wrong);
                outcome(flow, end, finishing.reasons(), missing);
                drift(flow, end, drifted);
            });
            if (flow.measured()) {
                bytes(spec, flow, missing);
                flow.lane().ends().forEach(end -> intervals(spec, flow, end, missing));
                histogram(spec, flow, missing);
            }
        }
        boolean measured = flows.stream().anyMatch(FlowOutcome::measured);
        List<String> reasons = new ArrayList<>(finishing.reasons());
        reasons.addAll(wrong);
        if (finishing.cancelRequested()) {
            return new Verdict(StateName.CANCELLED, some(reasons));
        }
        boolean incomplete = !missing.isEmpty() || !finishing.reasons().isEmpty();
        reasons.addAll(missing);
        reasons.addAll(drifted);
        StateName state = !wrong.isEmpty() || !measured
                ? StateName.FAILED
                : incomplete ? StateName.PARTIAL : drifted.isEmpty() ? StateName.COMPLETED : StateName.DISTURBED;
        return new Verdict(state, some(reasons));
    }

    private static void payload(FlowOutcome flow, FlowEnd end, List<String> wrong) {
        EndReport report = end.report();
        if (report != null && report.payloadErrors() > 0) {
            Long offset = report.firstPayloadErrorOffset();
            wrong.add(about(flow) + end.hostId() + " received wrong payload in " + report.payloadErrors() + " calls"
                    + (offset == null ? "" : ", first at stream offset " + offset)
                    + "; something on the way changes data (offloads, a proxy)");
        }
    }

    private static void outcome(FlowOutcome flow, FlowEnd end, List<String> known, List<String> missing) {
        EndReport report = end.report();
        String who = end.hostId() + " (" + end.role().text() + ")";
        if (report == null) {
            missing.add(about(flow) + "no final report of " + who);
            return;
        }
        String message = report.message() == null || report.message().isEmpty() ? "" : ": " + report.message();
        switch (report.outcome()) {
            case DONE -> {
                if (report.windowNs() <= 0) {
                    missing.add(about(flow) + who + " never came to the measured window");
                }
            }
            case UNKNOWN -> {
                // A host that is lost has lost all its ends; once is enough.
                if (report.message() == null || !known.contains(report.message())) {
                    missing.add(about(flow) + "no final report of " + who + message);
                }
            }
            case STOPPED, NEVER_STARTED -> {
                // With a reason for the stop, this is only what follows from it.
                if (known.isEmpty()) {
                    missing.add(about(flow) + who + " ended " + report.outcome() + message);
                }
            }
            case PEER_GONE, WORKER_LOST, STALLED, TIMED_OUT, ERROR ->
                missing.add(about(flow) + who + " ended " + report.outcome() + message);
        }
    }

    private static void bytes(RunSpec spec, FlowOutcome flow, List<String> missing) {
        EndReport source = flow.lane().source().report();
        EndReport destination = flow.lane().destination().report();
        if (source == null || destination == null) {
            return;
        }
        String from = flow.lane().source().hostId();
        String to = flow.lane().destination().hostId();
        switch (spec.traffic()) {
            case Traffic.Stream _ -> {
                if (spec.course().reverse()) {
                    unequal(flow, from, source.receivedBytes(), to, destination.sentBytes(), missing);
                } else {
                    unequal(flow, to, destination.receivedBytes(), from, source.sentBytes(), missing);
                }
            }
            // What came is what was sent less what was lost on the way.
            case Traffic.DatagramStream _, Traffic.DatagramRequestResponse _ -> messages(flow, from, to, missing);
            case Traffic.Bidirectional() -> bothWays(flow, source, destination, missing);
            case Traffic.RequestResponse _, Traffic.ConnectRequestResponse _ -> {
                bothWays(flow, source, destination, missing);
                transactions(spec, flow, source, destination, missing);
            }
        }
    }

    private static void bothWays(FlowOutcome flow, EndReport source, EndReport destination, List<String> missing) {
        String from = flow.lane().source().hostId();
        String to = flow.lane().destination().hostId();
        unequal(flow, to, destination.receivedBytes(), from, source.sentBytes(), missing);
        unequal(flow, from, source.receivedBytes(), to, destination.sentBytes(), missing);
    }

    private static void transactions(
            RunSpec spec, FlowOutcome flow, EndReport source, EndReport destination, List<String> missing) {
        if (source.transactions() == destination.transactions()) {
            return;
        }
        boolean reverse = spec.course().reverse();
        EndReport asking = reverse ? destination : source;
        EndReport answering = reverse ? source : destination;
        FlowEnd asker = reverse ? flow.lane().destination() : flow.lane().source();
        FlowEnd answerer = reverse ? flow.lane().source() : flow.lane().destination();
        missing.add(about(flow) + asker.hostId() + " completed " + Counted.of(asking.transactions(), "transaction")
                + ", "
                + answerer.hostId() + " answered " + answering.transactions());
    }

    /** Over UDP what is lost is a figure; what is neither received nor known to be lost is missing. */
    private static void messages(FlowOutcome flow, String from, String to, List<String> missing) {
        Datagrams datagrams = Datagrams.of(flow.datagrams());
        if (datagrams.sent() == 0) {
            missing.add(about(flow) + from + " and " + to + " sent no datagram in the measured window");
        } else if (datagrams.received() + datagrams.lost() != datagrams.sent()) {
            missing.add(about(flow) + from + " and " + to + " sent " + Counted.of(datagrams.sent(), "datagram")
                    + ", received "
                    + datagrams.received() + " and lost " + datagrams.lost() + ", which does not add up");
        }
    }

    private static void unequal(
            FlowOutcome flow, String receiver, long received, String sender, long sent, List<String> missing) {
        if (received != sent) {
            missing.add(about(flow) + receiver + " received " + received + " of " + Counted.of(sent, "byte") + " that "
                    + sender
                    + " sent");
        }
    }

    private static void intervals(RunSpec spec, FlowOutcome flow, FlowEnd end, List<String> missing) {
        EndReport report = end.report();
        if (report == null) {
            return;
        }
        int expected = Outcomes.intervals(spec, report);
        int published = report.intervals().published();
        int dropped = report.intervals().dropped();
        if (published != expected || dropped > 0) {
            missing.add(about(flow) + end.hostId() + " measured " + published + " of "
                    + Counted.of(expected, "interval")
                    + (dropped == 0 ? "" : " (" + dropped + " dropped on the way to Kafka)")
                    + (published + dropped < expected ? shortWindow(spec, report) : ""));
        }
    }

    /** What a worker was not there for is in no interval: where its window begins late, or is ended by its peer's. */
    private static String shortWindow(RunSpec spec, EndReport report) {
        boolean isShort = report.windowNs() + spec.interval().toNanos() / 2 < spec.duration().toNanos();
        return report.outcome() == EndOutcome.DONE && isShort && !spec.course().limited()
                ? ": its measured window was " + report.windowNs() / NS_PER_MS + " of " + spec.duration().toMillis()
                        + " ms; was its worker kept from running? see what else needs its CPU"
                : "";
    }

    private static void histogram(RunSpec spec, FlowOutcome flow, List<String> missing) {
        if (!spec.traffic().timed()) {
            return;
        }
        FlowEnd asking = spec.course().reverse() ? flow.lane().destination() : flow.lane().source();
        if (flow.roundTrips() == null) {
            missing.add(about(flow) + "there is no readable round-trip histogram of " + asking.hostId());
        }
        if (spec.traffic().pace() != null && flow.intendedRoundTrips() == null) {
            missing.add(about(flow) + "there is no readable round-trip histogram by intended send times of "
                    + asking.hostId());
        }
    }

    private static void drift(FlowOutcome flow, FlowEnd end, List<String> drifted) {
        EndReport report = end.report();
        if (report != null && report.intervals().drifted() > 0) {
            drifted.add(about(flow) + end.hostId() + " " + drift(end.role(), report));
        }
    }

    /** How often, and of the first time which end, what and since when. */
    static String drift(FlowRole role, EndReport report) {
        String reason = report.driftReason();
        return "left its lane in " + report.intervals().drifted() + " of "
                + Counted.of(report.intervals().measured(), "measured interval") + ", "
                + (reason == null ? "see flowlane.cpu-placement" : role.text() + ": " + reason);
    }

    private static String about(FlowOutcome flow) {
        return "flow " + flow.lane().flowId() + ": ";
    }

    static List<String> some(List<String> reasons) {
        if (reasons.size() <= REASONS_MAX) {
            return List.copyOf(reasons);
        }
        List<String> first = new ArrayList<>(reasons.subList(0, REASONS_MAX));
        first.add("and " + (reasons.size() - REASONS_MAX) + " more reasons; see the flows");
        return List.copyOf(first);
    }
}
