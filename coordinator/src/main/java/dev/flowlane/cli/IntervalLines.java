package dev.flowlane.cli;

import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.coordinator.wire.AvroJson;
import dev.flowlane.page.Sighting;

import java.io.PrintStream;

/**
 * Output format jsonl: every interval of every flow end is a line on standard output as it comes. Events go to the
 * progress.
 */
final class IntervalLines implements RunListener {
    private final PrintStream out;
    private final RunListener progress;

    IntervalLines(PrintStream out, RunListener progress) {
        this.out = out;
        this.progress = progress;
    }

    @Override
    public void event(RunEvent event) {
        progress.event(event);
    }

    @Override
    public void run(Run run) {
        progress.run(run);
    }

    @Override
    public void interval(FlowStats stats) {
        out.print(RecordText.jsonLine(AvroJson.of(stats)));
        out.flush();
        progress.interval(stats);
    }

    @Override
    public boolean wantsSightings() {
        return progress.wantsSightings();
    }

    @Override
    public void sighting(Sighting sighting) {
        progress.sighting(sighting);
    }

    @Override
    public void close() {
        progress.close();
    }
}
