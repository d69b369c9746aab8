package dev.flowlane.daemon;

import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.News;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.IntervalReport;

/** Where the daemon's words go: Kafka, or a test's list. No method waits. */
interface Reporting {
    /** Tells the coordinator; {@code epoch} is the highest of any coordinator heard so far. */
    void publish(News news, long epoch);

    void publishHost(boolean online);

    void open(Effect.OpenTelemetry opened);

    void interval(int workerId, IntervalReport report);

    /** Answered by {@code TelemetrySettled}. */
    void close(RunRef run, FlowEndId end);

    void giveUp(RunRef run, FlowEndId end);
}
