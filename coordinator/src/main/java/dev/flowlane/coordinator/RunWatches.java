package dev.flowlane.coordinator;

import dev.flowlane.bus.Bus;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.HostView;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.page.RunView;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The watches over runs that somebody looks at: few at a time, and none for long after the last one has looked away.
 * Those of ended runs are kept a while, because their figures do not change any more. For one thread.
 */
final class RunWatches implements AutoCloseable {
    /** Runs that are read at a time; each takes a consumer and up to some 10 MB. */
    static final int READING_MAX = 4;

    private static final int KEPT_MAX = 8;
    private static final long FORGOTTEN_NS = 30_000_000_000L;
    private static final Duration CLOCK_SLACK = Duration.ofSeconds(5);

    /** How far a host's clock may be off that has not said how far it is. */
    private static final Duration UNKNOWN_OFFSET = Duration.ofMinutes(1);

    private final Bus bus;
    private final LongSupplier nanoTime;
    private final Map<String, Watched> watched = new LinkedHashMap<>(16, 0.75f, true);

    private record Watched(RunWatch watch, String commandId, long lookedAtNs) {}

    RunWatches(Bus bus, LongSupplier nanoTime) {
        this.bus = bus;
        this.nanoTime = nanoTime;
    }

    /** The run as it is seen now; begins to read its figures when nobody looked at it before. */
    RunWatch.View view(FleetState fleet, RunRecord run, int fromSeq, int flowPage) {
        Watched known = watched.get(run.runId());
        // The id of a run that was forgotten may be that of another run now.
        if (known != null && !known.commandId().equals(run.commandId())) {
            known.watch().stop();
            watched.remove(run.runId());
            known = null;
        }
        if (known == null) {
            if (watched.values().stream().filter(one -> !one.watch().ended()).count() >= READING_MAX) {
                String problem = "the figures of " + READING_MAX + " other runs are being looked at, which is the most;"
                        + " these come when one of them is closed";
                return new RunWatch.View(RunView.of(run, null, null, problem, fromSeq, flowPage), 0);
            }
            RunWatch watch = new RunWatch(bus, run, since(fleet, run), nanoTime);
            watch.start();
            known = new Watched(watch, run.commandId(), 0);
        }
        watched.put(run.runId(), new Watched(known.watch(), run.commandId(), nanoTime.getAsLong()));
        return known.watch().view(run, fromSeq, flowPage);
    }

    /** Whether there is none. */
    boolean isEmpty() {
        return watched.isEmpty();
    }

    /** Ends watches that nobody looks at, and forgets those that are not worth keeping. */
    void tidy() {
        long nowNs = nanoTime.getAsLong();
        Iterator<Watched> oldestFirst = watched.values().iterator();
        int tooMany = watched.size() - KEPT_MAX;
        while (oldestFirst.hasNext()) {
            Watched one = oldestFirst.next();
            boolean forgotten = nowNs - one.lookedAtNs() > FORGOTTEN_NS;
            boolean worthKeeping = one.watch().complete() && tooMany <= 0;
            // One that failed is tried again when somebody looks after a while.
            if ((forgotten || one.watch().ended()) && !worthKeeping && (forgotten || tooMany > 0)) {
                one.watch().stop();
                oldestFirst.remove();
                tooMany--;
            }
        }
    }

    @Override
    public void close() {
        watched.values().forEach(one -> one.watch().stop());
        watched.clear();
    }

    /** Record times of intervals are those of the hosts' clocks, the submission's is the broker's. */
    private static Instant since(FleetState fleet, RunRecord run) {
        Duration offset = Stream.concat(run.spec().sources().stream(), run.spec().destinations().stream())
                .map(host -> offset(fleet.hosts().get(host)))
                .max(Duration::compareTo)
                .orElse(UNKNOWN_OFFSET);
        return run.submittedAt().minus(offset).minus(CLOCK_SLACK);
    }

    private static Duration offset(@Nullable HostView host) {
        Long offsetNs = host == null ? null : host.brokerClockOffsetNs();
        return offsetNs == null ? UNKNOWN_OFFSET : Duration.ofNanos(offsetNs).abs();
    }
}
