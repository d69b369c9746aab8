package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.Run;
import dev.flowlane.bus.Topic;

/** What becomes of runs. */
final class RunFuzzTest extends RecordTarget<Run> {
    RunFuzzTest() {
        super(Topic.RUNS);
    }
}
