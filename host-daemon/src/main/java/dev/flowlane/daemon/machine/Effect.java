package dev.flowlane.daemon.machine;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.SocketOptions;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Set;

/** What the shell has to do, in the order of the list. */
public sealed interface Effect {

    /** Let in connections that prove they belong to the run. */
    record Expect(RunRef run, RunKey key, int candidatesMax) implements Effect {}

    /** Open connections; each is answered by {@link Input.CandidatesKnown}. */
    record Connect(
            RunRef run, RunKey key, List<Attempt> attempts, SocketOptions options, boolean datagrams)
            implements Effect {}

    /** One connection to open, from this address and port; port 0: the kernel chooses. */
    record Attempt(int candidateId, Endpoint destination, Endpoint source) {}

    /** Close these connections of the run; others of it go on. */
    record CloseConnections(RunRef run, Set<CandidateKey> which) implements Effect {}

    /** Close the run's connections but these, and let in no more. */
    record KeepOnly(RunRef run, Set<CandidateKey> keep) implements Effect {}

    /** Close what is left of the run's connections and forget its key. */
    record ForgetConnections(RunRef run) implements Effect {}

    record SpawnWorker(int workerId) implements Effect {}

    /** Make a place for one more flow end in a worker's process; by that id it is then a worker like others. */
    record SeatWorker(int seatId, int workerId) implements Effect {}

    /** The place is not needed any more. */
    record LeaveSeat(int seatId) implements Effect {}

    /** Take the connection from the data plane and hand it to the worker. */
    record AssignWorker(
            int workerId,
            RunRef run,
            Order.Assignment assignment,
            FlowSettings settings,
            @Nullable CpuSet housekeeping)
            implements Effect {}

    record StartWorker(int workerId) implements Effect {}

    record StopWorker(int workerId, String reason) implements Effect {}

    record KillWorker(int workerId, String reason) implements Effect {}

    /** Intervals of this flow end follow. */
    record OpenTelemetry(
            int workerId, RunRef run, Order.Assignment assignment, ReadyEnd ready, FlowSettings settings)
            implements Effect {}

    /** No more intervals follow; answered by {@link Input.TelemetrySettled}. */
    record CloseTelemetry(RunRef run, FlowEndId end) implements Effect {}

    /** Stop waiting: what Kafka has not acknowledged is given up. Answered as {@link CloseTelemetry}. */
    record GiveUpTelemetry(RunRef run, FlowEndId end) implements Effect {}

    record Publish(News news) implements Effect {}

    record PublishHost(boolean online) implements Effect {}

    /** Where every thread of the daemon and every new worker runs. */
    record UseCpus(CpuSet cpus) implements Effect {}

    /** Make the workers' AOT cache; answered by {@link Input.AotTrainingEnded}. */
    record TrainAotCache() implements Effect {}

    /** Give the training up at once; answered by {@link Input.AotTrainingEnded}. */
    record AbortTraining() implements Effect {}

    record CountCommand(String commandType, CommandOutcome outcome) implements Effect {}

    record ArmTimer(TimerKey key, long deadlineNs) implements Effect {}

    record CancelTimer(TimerKey key) implements Effect {}

    /** Everything is said: flush and leave. */
    record Exit() implements Effect {}
}
