package dev.flowlane.daemon;

import dev.flowlane.daemon.inventory.SteeringLookup;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.News;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.telemetry.Telemetry;
import dev.flowlane.daemon.wire.EventToAvro;
import dev.flowlane.worker.protocol.IntervalReport;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The daemon's words as records on the topics. */
final class KafkaReporting implements Reporting {
    private final EventWriter events;
    private final Telemetry telemetry;
    private final EventToAvro toAvro;
    private final HostRecord host;
    private final SteeringLookup steering;
    private final BrokerClock brokerClock;
    private final InstantSource clock;

    KafkaReporting(
            EventWriter events,
            Telemetry telemetry,
            HostRecord host,
            SteeringLookup steering,
            BrokerClock brokerClock,
            InstantSource clock) {
        this.events = events;
        this.telemetry = telemetry;
        this.toAvro = new EventToAvro(host.hostId(), host.instanceId());
        this.host = host;
        this.steering = steering;
        this.brokerClock = brokerClock;
        this.clock = clock;
    }

    @Override
    public void publish(News news, long epoch) {
        Instant now = clock.instant();
        Duration offset = brokerClock.offset();
        var event = toAvro.event(news, epoch, now, offset == null ? null : offset.toNanos());
        if (news instanceof News.Heartbeat) {
            events.heartbeat(event);
        } else {
            events.publish(event);
        }
    }

    @Override
    public void publishHost(boolean online) {
        events.publish(host.avro(online, steering.fresh(), clock.instant()));
    }

    @Override
    public void open(Effect.OpenTelemetry opened) {
        telemetry.open(opened);
    }

    @Override
    public void interval(int workerId, IntervalReport report) {
        telemetry.interval(workerId, report);
    }

    @Override
    public void close(RunRef run, FlowEndId end) {
        telemetry.close(run, end);
    }

    @Override
    public void giveUp(RunRef run, FlowEndId end) {
        telemetry.giveUp(run, end);
    }
}
