package dev.flowlane.daemon.wire;

import dev.flowlane.worker.protocol.ReceiveDelay;
import org.jspecify.annotations.Nullable;

/** Receive delays on their way to the bus. */
public final class ReceiveDelayAvro {
    private ReceiveDelayAvro() {}

    /** Null for null; without samples there are no figures. */
    public static dev.flowlane.avro.@Nullable ReceiveDelay of(@Nullable ReceiveDelay delay) {
        if (delay == null) {
            return null;
        }
        boolean any = delay.samples() > 0;
        return dev.flowlane.avro.ReceiveDelay.newBuilder()
                .setSamples(delay.samples())
                .setWithoutTimestamp(delay.withoutTimestamp())
                .setP50Ns(any ? delay.p50Ns() : null)
                .setP90Ns(any ? delay.p90Ns() : null)
                .setP99Ns(any ? delay.p99Ns() : null)
                .setP999Ns(any ? delay.p999Ns() : null)
                .setMaxNs(any ? delay.maxNs() : null)
                .setMeanNs(any ? delay.meanNs() : null)
                .build();
    }
}
