package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.RunCommand;
import dev.flowlane.bus.Topic;

/** What users ask for. */
final class RunCommandFuzzTest extends RecordTarget<RunCommand> {
    RunCommandFuzzTest() {
        super(Topic.COMMANDS);
    }
}
