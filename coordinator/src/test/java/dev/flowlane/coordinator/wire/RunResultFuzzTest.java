package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.Topic;

/** What was measured. */
final class RunResultFuzzTest extends RecordTarget<RunResult> {
    RunResultFuzzTest() {
        super(Topic.RUN_RESULTS);
    }
}
