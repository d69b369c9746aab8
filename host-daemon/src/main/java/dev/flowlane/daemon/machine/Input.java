package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FromWorker;

import java.time.Instant;
import java.util.List;

/** What can happen to a daemon. */
public sealed interface Input {

    /** The daemon runs: its pool may be filled. */
    record Started() implements Input {}

    /**
     * The place in the command topic is known: every command from now on will be seen. Again after a lost reader was
     * replaced, which may have missed some.
     */
    record BusReady() implements Input {}

    /**
     * A command of this host.
     *
     * @param brokerTime the broker's clock now, as well as it is known
     */
    record CommandReceived(Command command, Instant brokerTime) implements Input {}

    /** A record that is a command of this host, but not one that can be carried out. */
    record CommandMalformed(
            String commandId, String commandType, String runId, int attempt, long epoch, String message)
            implements Input {}

    /** Candidates became known at this end: open or failed. */
    record CandidatesKnown(RunRef run, List<Candidate> candidates) implements Input {
        public CandidatesKnown {
            candidates = List.copyOf(candidates);
        }
    }

    /** An open candidate was closed by its peer before it was given to a worker. */
    record CandidateLost(RunRef run, CandidateKey candidate) implements Input {}

    record WorkerWarm(int workerId, int pid) implements Input {}

    record WorkerReady(int workerId, FromWorker.Ready ready) implements Input {}

    record WorkerInterval(int workerId, int seq) implements Input {}

    record WorkerEnded(int workerId, EndReport report) implements Input {}

    /** An interval shows that a flow end has left its lane. */
    record LaneDrifted(RunRef run, LaneDrift drift) implements Input {}

    /** The process has ended and everything it said was heard. */
    record WorkerGone(int workerId, String how) implements Input {}

    /** The connection could not be handed to the worker. */
    record AssignFailed(int workerId, String message) implements Input {}

    /** All intervals of the flow end are acknowledged or given up. */
    record TelemetrySettled(RunRef run, FlowEndId end, Accounting accounting) implements Input {}

    record AotCacheKnown(boolean present) implements Input {}

    record AotTrainingEnded(boolean present) implements Input {}

    record TimerFired(TimerKey key) implements Input {}

    record ShutdownRequested(String reason) implements Input {}
}
