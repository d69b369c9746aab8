package dev.flowlane.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.time.Instant;

/** What charts are drawn from: sums of flows, merged round trips, bounds, and nothing that is not known. */
final class RunFiguresTest {
    private static final int SEQ = 0;
    private static final int SECONDS = 1;
    private static final int BITS = 2;
    private static final int P50 = 4;
    private static final int P99 = 5;
    private static final int RETRANSMITS = 7;
    private static final int WARMUP = 8;
    private static final int FLOWS = 9;
    private static final int BACKWARD = 10;
    private static final int LOST = 11;
    private static final Sighting.CpuShares HALF = new Sighting.CpuShares(0.1, 0.2, 0, 0.2, 0);

    @Test
    void ratesOfFlowsAreAddedAndTimesAreThoseOfTheSpec() {
        RunFigures figures = new RunFigures(spec("{sources: [a], destinations: [b], flows: 2, warmup: 1500ms}"));
        for (int flow = 0; flow < 2; flow++) {
            for (int seq = 0; seq < 3; seq++) {
                figures.add(interval("r." + flow, false, seq, 125_000_000));
                figures.add(interval("r." + flow, true, seq, 999));
            }
        }
        JsonNode series = figures.series(0);
        assertThat(series.size()).isEqualTo(3);
        assertThat(series.path(0).path(BITS).doubleValue()).isEqualTo(2e9);
        assertThat(series.path(0).path(FLOWS).intValue()).isEqualTo(2);
        // 1.5 s of warm-up are an interval of 1 s and one of 0.5 s.
        assertThat(series.path(0).path(SECONDS).doubleValue()).isEqualTo(1.0);
        assertThat(series.path(1).path(SECONDS).doubleValue()).isEqualTo(1.5);
        assertThat(series.path(2).path(SECONDS).doubleValue()).isEqualTo(2.5);
        assertThat(series.path(2).path(WARMUP).intValue()).isZero();
        assertThat(series.path(0).path(P50).isNull()).as("a stream has no round trips").isTrue();
        assertThat(series.path(0).path(RETRANSMITS).isNull()).as("nobody told").isTrue();
        assertThat(figures.intervals()).isEqualTo(12);
    }

    @Test
    void bothDirectionsAreWhatTheirReceiversGot() {
        RunFigures figures =
                new RunFigures(spec("{sources: [a], destinations: [b], flows: 2, traffic: {kind: bidirectional}}"));
        for (int flow = 0; flow < 2; flow++) {
            figures.add(new Sighting.Interval("r", "r." + flow, true, 0, false, 1_000_000_000, 250_000_000, 125_000_000,
                    0, 0, null));
            figures.add(new Sighting.Interval("r", "r." + flow, false, 0, false, 1_000_000_000, 130_000_000,
                    240_000_000, 0, 0, null));
        }

        JsonNode row = figures.series(0).path(0);

        assertThat(row.path(BITS).doubleValue()).isEqualTo(2 * 1.92e9);
        assertThat(row.path(BACKWARD).doubleValue()).isEqualTo(2 * 1e9);
        assertThat(row.path(FLOWS).intValue()).isEqualTo(2);
    }

    @Test
    void roundTripsOfSeveralFlowsAreMergedAndThoseOfSomeAreNone() {
        RunFigures figures = new RunFigures(
                spec("{sources: [a], destinations: [b], flows: 2, traffic: {kind: request-response}}"));
        figures.add(interval("r.0", true, 0, 1));
        figures.add(interval("r.1", true, 0, 1));
        figures.add(trips("r.0", 0, 100_000));
        assertThat(figures.series(0).path(0).path(P50).isNull()).as("one flow is missing").isTrue();
        figures.add(trips("r.1", 0, 300_000));
        assertThat(figures.series(0).path(0).path(P50).doubleValue()).isBetween(99_000.0, 101_000.0);
        assertThat(figures.series(0).path(0).path(P99).doubleValue()).isBetween(297_000.0, 303_000.0);
    }

    @Test
    void theNewestIntervalsAreKeptAndTheRestIsSaidToBeMissing() {
        RunFigures figures = new RunFigures(spec("{sources: [a], destinations: [b], duration: 1h}"));
        for (int seq = 0; seq < 1_000; seq++) {
            figures.add(interval("r.0", false, seq, 1));
            figures.add(new Sighting.CpuLoad("r", "r.0", false, seq, "b", 3, "RECEIVE", HALF));
        }
        assertThat(figures.series(0).size()).isEqualTo(RunFigures.POINTS_MAX);
        assertThat(figures.series(0).path(0).path(SEQ).intValue()).isEqualTo(400);
        assertThat(figures.series(figures.stableBelow()).size()).isEqualTo(4);
        assertThat(figures.cpus(0).path(0).path("busy").size()).isEqualTo(RunFigures.POINTS_MAX);
        assertThat(figures.leftOut()).singleElement().asString().contains("newest 600");
        figures.add(interval("r.0", false, 5, 1));
        assertThat(figures.series(0).size()).as("what is too old stays away").isEqualTo(RunFigures.POINTS_MAX);
    }

    @Test
    void aNewMeasurementBeginsAnewAndTheOldOneIsIgnored() {
        RunFigures figures = new RunFigures(spec("{sources: [a], destinations: [b]}"));
        figures.add(interval("r.0", false, 7, 1));
        figures.add(interval("r.0~2", false, 0, 1));
        figures.add(interval("r.0", false, 8, 1));
        assertThat(figures.series(0).size()).isEqualTo(1);
        assertThat(figures.series(0).path(0).path(SEQ).intValue()).isZero();
    }

    @Test
    void noticesAndCpusAreBounded() {
        RunFigures figures = new RunFigures(spec("{sources: [a], destinations: [b]}"));
        for (int i = 0; i < 500; i++) {
            figures.add(new Sighting.Notice("r", Instant.EPOCH, "WARNING", "", "notice " + i));
            figures.add(new Sighting.CpuLoad("r", "r.0", false, 0, "b", i, "RECEIVE", HALF));
        }
        assertThat(figures.notices().size()).isEqualTo(50);
        assertThat(figures.notices().path(0).path("message").asText()).isEqualTo("notice 499");
        assertThat(figures.cpus(0)).filteredOn(cpu -> !cpu.path("busy").isEmpty()).hasSize(64);
        assertThat(figures.leftOut()).hasSize(2);
    }

    @Test
    void datagramsThatAreKnownToBeLostAreCountedAtBothEnds() {
        RunFigures figures = new RunFigures(spec("{sources: [a], destinations: [b], warmup: 1s,"
                + " traffic: {kind: datagram-request-response}}"));
        assertThat(figures.lossRatio()).as("nothing has arrived").isNull();
        for (boolean source : new boolean[] {true, false}) {
            figures.add(datagrams(source, 0, true, 50, 50));
            figures.add(datagrams(source, 1, false, 95, source ? 5 : 0));
        }

        assertThat(figures.series(0).path(1).path(LOST).doubleValue()).isEqualTo(5);
        assertThat(figures.lostDatagrams()).as("without the warm-up").isEqualTo(5);
        assertThat(figures.lossRatio()).isEqualTo(5.0 / 195);
    }

    @Test
    void overTcpNoDatagramIsLost() {
        RunFigures figures = new RunFigures(spec("{sources: [a], destinations: [b]}"));
        figures.add(interval("r.0", false, 0, 1));

        assertThat(figures.series(0).path(0).path(LOST).isNull()).isTrue();
        assertThat(figures.lossRatio()).isNull();
    }

    @Test
    void whatACpuDidIsToldKindByKind() {
        RunFigures figures = new RunFigures(spec("{sources: [a], destinations: [b]}"));
        figures.add(new Sighting.CpuLoad("r", "r.0", false, 4, "b", 3, "RECEIVE",
                new Sighting.CpuShares(0.1, 0.2, 0.03, 0.4, 0.05)));

        JsonNode cpu = figures.cpus(0).path(0);
        assertThat(cpu.path("busy").toString()).isEqualTo("[[4,0.78,0.1,0.2,0.03,0.4,0.05]]");
        assertThat(cpu.path("busy_ratio").doubleValue()).isEqualTo(0.78);
        for (int flow = 0; flow < 6; flow++) {
            figures.add(new Sighting.CpuLoad("r", "r." + flow, false, 4, "b", 3, "RECEIVE", HALF));
        }
        assertThat(figures.cpus(0)).singleElement().satisfies(shared -> {
            assertThat(shared.path("flows").intValue()).isEqualTo(6);
            assertThat(shared.path("flow_ids")).hasSize(4);
        });
    }

    private static Sighting datagrams(boolean source, int seq, boolean warmup, long received, long lost) {
        return new Sighting.Interval("r", "r.0", source, seq, warmup, 1_000_000_000, 1, 1, 0, 0,
                new Sighting.Arrivals(received, lost));
    }

    private static Sighting interval(String flowId, boolean source, int seq, long bytes) {
        return new Sighting.Interval("r", flowId, source, seq, false, 1_000_000_000, bytes, bytes, 0, 0, null);
    }

    private static Sighting trips(String flowId, int seq, long ns) {
        Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount(ns, 100);
        return new Sighting.Trips("r", flowId, true, seq, ns, ns, ns, histogram);
    }

    private static RunSpec spec(String yaml) {
        return switch (SpecParser.parse(yaml)) {
            case SpecResult.Parsed parsed -> parsed.spec();
            case SpecResult.Invalid invalid -> throw new AssertionError(invalid.problems());
        };
    }
}
