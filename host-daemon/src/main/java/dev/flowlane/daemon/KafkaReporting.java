package dev.flowlane.daemon;

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
    private final HostAnnouncer announcer;
    private final BrokerClock brokerClock;
    private final InstantSource clock;

    KafkaReporting(
            EventWriter events,
            Telemetry telemetry,
            HostRecord host,
            HostAnnouncer announcer,
            BrokerClock brokerClock,
            InstantSource clock) {
        this.events = events;
        this.telemetry = telemetry;
        this.toAvro = new EventToAvro(host.hostId(), host.instanceId());
        this.announcer = announcer;
        this.brokerClock = brokerClock;
        this.clock = clock;
    }

    @Override
    public void publish(News news, long epoch) {
        Instant now = clock.instant();
        Duration offset = brokerClock.offset();
        var event = toAvro.event(news, epoch, now, offset == null ? null : offset.toNanos());
        if (news instanceof News.Heartbeat heartbeat) {
            events.heartbeat(event);
            // Hundreds of files are not read while something is measured.
            if (heartbeat.liveRunIds().isEmpty()) {
                announcer.changed(now).ifPresent(events::publish);
            }
        } else {
            events.publish(event);
        }
    }

    @Override
    public void publishHost(boolean online) {
        events.publish(announcer.announce(online, clock.instant()));
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
