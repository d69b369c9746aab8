package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.HostCommand;
import dev.flowlane.bus.Topic;

/** What daemons are told. */
final class HostCommandFuzzTest extends RecordTarget<HostCommand> {
    HostCommandFuzzTest() {
        super(Topic.HOST_COMMANDS);
    }
}
