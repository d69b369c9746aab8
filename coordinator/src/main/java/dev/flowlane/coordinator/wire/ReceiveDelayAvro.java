package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.ReceiveDelay;
import org.jspecify.annotations.Nullable;

/** Receive delays, between the bus and the core. */
final class ReceiveDelayAvro {
    private ReceiveDelayAvro() {}

    static @Nullable ReceiveDelay fromAvro(dev.flowlane.avro.@Nullable ReceiveDelay record) {
        return record == null ? null : new ReceiveDelay(
                record.getSamples(),
                record.getWithoutTimestamp(),
                record.getP50Ns(),
                record.getP90Ns(),
                record.getP99Ns(),
                record.getP999Ns(),
                record.getMaxNs(),
                record.getMeanNs());
    }

    static dev.flowlane.avro.@Nullable ReceiveDelay toAvro(@Nullable ReceiveDelay delay) {
        return delay == null ? null : dev.flowlane.avro.ReceiveDelay.newBuilder()
                .setSamples(delay.samples())
                .setWithoutTimestamp(delay.withoutTimestamp())
                .setP50Ns(delay.p50Ns())
                .setP90Ns(delay.p90Ns())
                .setP99Ns(delay.p99Ns())
                .setP999Ns(delay.p999Ns())
                .setMaxNs(delay.maxNs())
                .setMeanNs(delay.meanNs())
                .build();
    }
}
