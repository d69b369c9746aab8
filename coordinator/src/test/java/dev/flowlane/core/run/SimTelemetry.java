package dev.flowlane.core.run;

import dev.flowlane.core.check.Fact;
import dev.flowlane.daemon.machine.Accounting;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.KindFigures;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TcpSummary;
import dev.flowlane.worker.protocol.ThreadUse;
import dev.flowlane.worker.protocol.Traffic;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A daemon's way to the interval topics: it acknowledges late, loses, and keeps the books of that. */
final class SimTelemetry {
    /** An interval as the worker reports it. */
    record Interval(int seq, boolean warmup, long lengthNs, Traffic traffic, boolean drifted) {}

    private record Key(RunRef run, FlowEndId end) {}

    private static final class Feed {
        private final Effect.OpenTelemetry opened;
        private Traffic warmup = Traffic.NONE;
        private Traffic measured = Traffic.NONE;
        private long windowNs;
        private int arrived;
        private int underWay;
        private int published;
        private int measuredPublished;
        private int dropped;
        private int drifted;
        private boolean closed;

        Feed(Effect.OpenTelemetry opened) {
            this.opened = opened;
        }
    }

    private final SimHost host;
    private final Simulation world;
    private final SimBus bus;
    private final Map<Key, Feed> feeds = new HashMap<>();
    private final Map<Integer, Key> keys = new HashMap<>();

    SimTelemetry(SimHost host, Simulation world) {
        this.host = host;
        this.world = world;
        this.bus = world.bus;
    }

    void open(Effect.OpenTelemetry opened) {
        Key key = new Key(opened.run(), opened.assignment().end());
        feeds.put(key, new Feed(opened));
        keys.put(opened.workerId(), key);
    }

    void interval(int workerId, Interval interval) {
        Key key = keys.get(workerId);
        Feed feed = key == null ? null : feeds.get(key);
        if (key == null || feed == null) {
            return;
        }
        feed.arrived++;
        feed.underWay++;
        if (interval.warmup()) {
            feed.warmup = feed.warmup.plus(interval.traffic());
        } else {
            feed.measured = feed.measured.plus(interval.traffic());
            feed.windowNs += interval.lengthNs();
            feed.drifted += interval.drifted() ? 1 : 0;
        }
        if (interval.drifted()) {
            host.step(new Input.LaneDrifted(key.run(), new LaneDrift(
                    key.end(), interval.seq(), interval.warmup(), LaneDrift.Kind.RECEIVE_CPU, "1", "3")));
        }
        boolean lost = bus.chance(0.002);
        boolean there = !lost || bus.random().nextBoolean();
        Duration delay = bus.chance(0.005) ? bus.between(1_000, 20_000) : bus.between(1, 40);
        String instance = host.instance();
        // What the producer has sent arrives even if the daemon dies meanwhile, sometimes.
        bus.after(delay, () -> {
            boolean alive = instance.equals(host.instance());
            if (there && (alive || bus.random().nextBoolean())) {
                publish(feed, interval);
            }
            if (alive) {
                host.act(() -> acknowledged(key, feed, interval, !lost));
            }
        });
    }

    private void publish(Feed feed, Interval interval) {
        String runId = feed.opened.run().runId();
        FlowEndId end = feed.opened.assignment().end();
        FlowRole role = end.role() == Role.SOURCE ? FlowRole.SOURCE : FlowRole.DESTINATION;
        long hash = interval.hashCode();
        world.checker().take(new Fact.IntervalPublished(
                world.position("flow-stats"),
                runId,
                end.flowId(),
                role,
                host.id,
                interval.seq(),
                interval.warmup(),
                interval.lengthNs(),
                interval.traffic().sentBytes(),
                interval.traffic().receivedBytes(),
                hash));
        world.checker().take(new Fact.LanePublished(
                world.position("cpu-placement"),
                runId,
                end.flowId(),
                role,
                host.id,
                interval.seq(),
                interval.warmup(),
                interval.drifted(),
                feed.opened.ready().workerPid(),
                feed.opened.ready().threadId(),
                hash));
    }

    private void acknowledged(Key key, Feed feed, Interval interval, boolean there) {
        feed.underWay--;
        if (there) {
            feed.published++;
            feed.measuredPublished += interval.warmup() ? 0 : 1;
        } else {
            feed.dropped++;
        }
        settleIfDone(key, feeds.get(key));
    }

    void close(RunRef run, FlowEndId end) {
        Key key = new Key(run, end);
        Feed feed = feeds.get(key);
        host.later(Duration.ZERO, () -> {
            if (feed == null) {
                host.step(new Input.TelemetrySettled(run, end, Accounting.NONE));
            } else {
                feed.closed = true;
                settleIfDone(key, feed);
            }
        });
    }

    void giveUp(RunRef run, FlowEndId end) {
        Key key = new Key(run, end);
        host.later(Duration.ZERO, () -> {
            Feed feed = feeds.get(key);
            if (feed != null) {
                settle(key, feed);
            }
        });
    }

    private void settleIfDone(Key key, @Nullable Feed feed) {
        if (feed != null && feed.closed && feed.underWay == 0) {
            settle(key, feed);
        }
    }

    private void settle(Key key, Feed feed) {
        if (feeds.remove(key, feed)) {
            keys.remove(feed.opened.workerId(), key);
            host.step(new Input.TelemetrySettled(key.run(), key.end(), new Accounting(
                    feed.published,
                    feed.dropped + feed.underWay,
                    feed.measuredPublished,
                    feed.drifted,
                    feed.drifted == 0 ? null : "receive CPU 3 instead of 1",
                    sums(key, feed))));
        }
    }

    /** What the intervals add up to: the report of an end whose worker did not live to write one. */
    private static @Nullable EndReport sums(Key key, Feed feed) {
        if (feed.arrived == 0) {
            return null;
        }
        var settings = feed.opened.settings();
        return new EndReport(
                key.end().flowId(),
                key.end().role(),
                Outcome.ERROR,
                null,
                1,
                feed.windowNs == 0 ? 0 : 1,
                feed.windowNs,
                feed.warmup,
                feed.measured,
                null,
                null,
                settings.warmupIntervals() + settings.measuredIntervals(),
                feed.arrived,
                feed.arrived,
                0,
                null,
                TcpSummary.UNKNOWN,
                null,
                ThreadUse.NONE,
                null,
                List.of(),
                KindFigures.NONE);
    }

    /** The daemon's process is gone, and its books with it. */
    void vanish() {
        feeds.clear();
        keys.clear();
    }
}
