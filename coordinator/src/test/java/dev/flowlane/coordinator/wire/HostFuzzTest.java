package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.Host;
import dev.flowlane.bus.Topic;

/** What hosts are. */
final class HostFuzzTest extends RecordTarget<Host> {
    HostFuzzTest() {
        super(Topic.HOSTS);
    }
}
