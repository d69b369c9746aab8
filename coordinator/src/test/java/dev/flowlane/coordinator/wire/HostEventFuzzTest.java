package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.HostEvent;
import dev.flowlane.bus.Topic;

/** What daemons say. */
final class HostEventFuzzTest extends RecordTarget<HostEvent> {
    HostEventFuzzTest() {
        super(Topic.HOST_EVENTS);
    }
}
