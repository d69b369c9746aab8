package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.worker.protocol.IntervalReport;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Which departures of one flow end from its lane are news, and which was the first. */
final class DriftWatch {
    /** A flow that changes its CPU with every interval is not told of for ever; its intervals are counted anyway. */
    static final int NEWS_MAX = 32;

    /** A departure that goes on, and the interval that showed it first. */
    private record Standing(Drift.Departure departure, int sinceSeq) {
        String text() {
            return departure.text() + ", from interval " + sinceSeq;
        }
    }

    private final FlowEndId end;
    private final Map<LaneDrift.Kind, Standing> standing = new EnumMap<>(LaneDrift.Kind.class);
    private int told;
    private @Nullable String firstMeasured;

    DriftWatch(FlowEndId end) {
        this.end = end;
    }

    /** Takes what an interval shows; answers what was not so in the interval before. */
    List<LaneDrift> see(IntervalReport interval, List<Drift.Departure> departures) {
        List<LaneDrift> news = new ArrayList<>();
        standing.keySet().removeIf(kind -> departures.stream().noneMatch(departure -> departure.kind() == kind));
        for (Drift.Departure departure : departures) {
            Standing before = standing.get(departure.kind());
            if (before == null || !before.departure().equals(departure)) {
                standing.put(departure.kind(), new Standing(departure, interval.seq()));
                if (told < NEWS_MAX) {
                    told++;
                    news.add(new LaneDrift(
                            end,
                            interval.seq(),
                            interval.warmup(),
                            departure.kind(),
                            departure.expectedCpus(),
                            departure.observedCpus()));
                }
            }
        }
        if (firstMeasured == null && !interval.warmup() && !standing.isEmpty()) {
            firstMeasured = standing.values().stream().map(Standing::text).collect(Collectors.joining("; "));
        }
        return news;
    }

    /** How the lane was left in the first measured interval that shows it, and since when; null when it was not. */
    @Nullable String firstMeasured() {
        return firstMeasured;
    }
}
