package dev.flowlane.core.check;

import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.EndReport;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.Input;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What daemons were told and what they said: epochs, workers, reports (4, 9). */
final class HostsCheck {
    /** Daemons that do not say otherwise are believed alive for so long. */
    private static final Duration LEASE = Duration.ofSeconds(15);

    private record AttemptEnd(String runId, int attempt, String flowId, FlowRole role) {
        @Override
        public String toString() {
            return "flow " + flowId + " " + role + " of attempt " + attempt;
        }
    }

    private record WorkerName(String hostId, String instanceId, int pid, int threadId) {
        @Override
        public String toString() {
            return "process " + pid + " thread " + threadId + " of " + hostId + " (" + instanceId + ")";
        }
    }

    private record Reported(String instanceId, EndReport report, Position at) {}

    private final Findings findings;
    private final RunsCheck runs;
    private final Map<Integer, Long> orderedEpochs = new HashMap<>();
    private final Map<String, Long> instanceEpochs = new HashMap<>();
    private final Map<AttemptEnd, WorkerName> workers = new HashMap<>();
    private final Map<AttemptEnd, Reported> reports = new HashMap<>();
    private Duration lease = LEASE;

    HostsCheck(Findings findings, RunsCheck runs) {
        this.findings = findings;
        this.runs = runs;
    }

    void announced(Fact.HostAnnounced fact) {
        Duration announced = fact.announcement().lease();
        lease = announced.compareTo(lease) > 0 ? announced : lease;
    }

    void ordered(Fact.Ordered fact) {
        runs.coordinatorSpoke(fact.brokerTime());
        long before = orderedEpochs.getOrDefault(fact.at().partition(), 0L);
        findings.judge(
                fact.epoch() >= before,
                Invariant.EPOCHS,
                fact.runId(),
                null,
                fact.at(),
                () -> fact.type() + " of epoch " + fact.epoch() + " was written after one of epoch " + before);
        orderedEpochs.merge(fact.at().partition(), fact.epoch(), Math::max);
    }

    void heard(Fact.Heard fact) {
        Input.HostWord word = fact.word();
        long before = instanceEpochs.getOrDefault(word.instanceId(), 0L);
        findings.judge(
                fact.epoch() >= before,
                Invariant.EPOCHS,
                null,
                null,
                fact.at(),
                () -> word.hostId() + " goes by epoch " + fact.epoch() + " after epoch " + before);
        instanceEpochs.merge(word.instanceId(), fact.epoch(), Math::max);
        switch (word) {
            case Input.HostHello _, Input.HostHeartbeat _, Input.HostGoodbye _, Input.CandidatesReported _,
                    Input.LaneDrifted _, Input.CommandRefused _ -> {}
            case Input.FlowEndsReady ready -> ready.lanes().forEach(lane -> ready(ready, lane, fact.at()));
            case Input.FlowEndEnded ended -> ended(ended, fact.at());
        }
    }

    private void ready(Input.FlowEndsReady ready, EndLane lane, Position at) {
        AttemptEnd end = new AttemptEnd(ready.runId(), ready.attempt(), lane.flowId(), lane.role());
        WorkerName worker =
                new WorkerName(ready.hostId(), ready.instanceId(), lane.workerPid(), lane.threadId());
        WorkerName before = workers.putIfAbsent(end, worker);
        findings.judge(
                before == null || before.equals(worker),
                Invariant.SAME_COMMAND,
                ready.runId(),
                end,
                at,
                () -> "is READY in " + worker + ", and was in " + before);
    }

    private void ended(Input.FlowEndEnded ended, Position at) {
        EndReport report = ended.report();
        AttemptEnd end = new AttemptEnd(ended.runId(), ended.attempt(), report.flowId(), report.role());
        Reported before = reports.putIfAbsent(end, new Reported(ended.instanceId(), report, at));
        findings.judge(
                before == null || !before.instanceId().equals(ended.instanceId()) || before.report().equals(report),
                Invariant.SAME_COMMAND,
                ended.runId(),
                end,
                at,
                () -> "is reported " + report.outcome() + ", otherwise than at "
                        + (before == null ? at : before.at()));
    }

    /** The longest lease that any host has. */
    Duration lease() {
        return lease;
    }
}
