package dev.flowlane.cli;

import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.page.Sighting;

import java.io.PrintStream;
import java.util.List;

/**
 * Progress on a terminal: the time left, and for each flow its rates, round trips and lane, written over with every
 * interval.
 */
final class ScreenProgress implements RunListener {
    /** Lines of flows that are folded; with more the first would leave a small terminal, out of reach of the cursor. */
    private static final int FOLDED_MAX = 20;

    private final PrintStream err;
    private final Messages messages;
    private final int columns;
    private final LiveScreen screen = new LiveScreen();
    private int drawn;

    /** @param columns of the terminal; what is longer goes on in the next line */
    ScreenProgress(PrintStream err, Messages messages, int columns) {
        this.err = err;
        this.messages = messages;
        this.columns = columns;
    }

    @Override
    public void event(RunEvent event) {
        // States pass by in the lines themselves; what is a warning stays above them.
        if (event.getEventType() != RunEventType.ANSWER) {
            erase();
            LineProgress.tell(event, messages);
            draw();
        }
    }

    @Override
    public void run(Run changed) {
        screen.run(changed);
    }

    @Override
    public void interval(FlowStats stats) {
        if (screen.interval(stats)) {
            erase();
            draw();
        }
    }

    @Override
    public boolean wantsSightings() {
        return true;
    }

    @Override
    public void sighting(Sighting sighting) {
        screen.sighting(sighting);
    }

    @Override
    public void close() {
        erase();
        err.flush();
    }

    private void erase() {
        if (drawn > 0) {
            // Up to the first of our lines, then everything below it.
            err.print("\u001b[" + drawn + "A\r\u001b[J");
            drawn = 0;
        }
    }

    private void draw() {
        List<String> lines = fitted(screen.lines());
        if (!lines.isEmpty()) {
            // Without automatic wrapping the number of lines to go up stays right, also on a terminal that has become
            // narrower.
            err.print("\u001b[?7l" + String.join("\n", lines) + "\n\u001b[?7h");
        }
        err.flush();
        drawn = lines.size();
    }

    private List<String> fitted(List<List<String>> lines) {
        List<String> folded =
                lines.stream().flatMap(line -> Wrapped.folded(line, columns).stream()).toList();
        return folded.size() <= FOLDED_MAX
                ? folded
                : lines.stream().map(line -> Plain.cut(String.join("  ", line), columns)).toList();
    }
}
