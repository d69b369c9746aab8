package dev.flowlane.cli;

import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.page.Sighting;

/** Sees the records of one run as they come. */
interface RunListener extends AutoCloseable {
    /** Something happened in the run's life. */
    void event(RunEvent event);

    /** The run's whole state has changed. */
    void run(Run run);

    /** One flow end has ended an interval. */
    void interval(FlowStats stats);

    /** Whether {@link #sighting} is to be called: those records are read only for who wants them. */
    default boolean wantsSightings() {
        return false;
    }

    /** Round trips, retransmissions, CPUs or their load of one flow end in an interval. */
    default void sighting(Sighting sighting) {}

    /** Nothing more will come. */
    @Override
    void close();

    /** Sees and does nothing. */
    static RunListener none() {
        return new RunListener() {
            @Override
            public void event(RunEvent event) {}

            @Override
            public void run(Run run) {}

            @Override
            public void interval(FlowStats stats) {}

            @Override
            public void close() {}
        };
    }
}
