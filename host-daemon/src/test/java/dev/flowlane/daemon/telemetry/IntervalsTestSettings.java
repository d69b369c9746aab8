package dev.flowlane.daemon.telemetry;

import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TrafficKind;

/** Settings for tests that do not care about most of them. */
final class IntervalsTestSettings {
    private IntervalsTestSettings() {}

    static FlowSettings stream(long warmupNs, long durationNs) {
        return new FlowSettings(
                TrafficKind.STREAM, 1, 1, 1, null, durationNs, warmupNs, 1_000_000_000L, Engine.BLOCKING, 65_536,
                65_536, true, false, false, SocketOptions.DEFAULT, FlowSettings.DEFAULT_DRAIN_TIMEOUT_NS,
                FlowSettings.DEFAULT_SETTLE_TIMEOUT_NS);
    }
}
