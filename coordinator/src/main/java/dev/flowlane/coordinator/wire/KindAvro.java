package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.CpuConnections;
import dev.flowlane.core.run.FlowOutcome;
import dev.flowlane.core.run.KindFigures;
import dev.flowlane.core.run.KindOutcome;
import dev.flowlane.core.run.RunOutcome;
import dev.flowlane.core.run.WindowEnd;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** What only some kinds of traffic have to say, between the bus and the core. */
final class KindAvro {
    private KindAvro() {}

    static KindFigures figures(dev.flowlane.avro.EndReport record) {
        return new KindFigures(
                windowEnd(record.getWindowEnd()),
                record.getReceiveWindowNs(),
                record.getFailedConnections(),
                record.getPortlessConnections(),
                record.getConnections().stream()
                        .map(cpu -> new CpuConnections(cpu.getCpu(), cpu.getConnections()))
                        .toList(),
                ReceiveDelayAvro.fromAvro(record.getReceiveDelay()));
    }

    static List<dev.flowlane.avro.CpuConnections> toAvro(List<CpuConnections> connections) {
        return connections.stream()
                .map(cpu -> new dev.flowlane.avro.CpuConnections(cpu.cpu(), cpu.connections()))
                .toList();
    }

    static dev.flowlane.avro.@Nullable WindowEnd windowEnd(@Nullable WindowEnd windowEnd) {
        return switch (windowEnd) {
            case null -> null;
            case DURATION -> dev.flowlane.avro.WindowEnd.DURATION;
            case BYTES -> dev.flowlane.avro.WindowEnd.BYTES;
            case MESSAGES -> dev.flowlane.avro.WindowEnd.MESSAGES;
        };
    }

    private static @Nullable WindowEnd windowEnd(dev.flowlane.avro.@Nullable WindowEnd symbol) {
        return switch (symbol) {
            case null -> null;
            case UNKNOWN -> null;
            case DURATION -> WindowEnd.DURATION;
            case BYTES -> WindowEnd.BYTES;
            case MESSAGES -> WindowEnd.MESSAGES;
        };
    }

    static void fill(dev.flowlane.avro.FlowSummary.Builder record, KindOutcome outcome) {
        record.setWindowEnd(windowEnd(outcome.windowEnd()))
                .setFailedConnections(outcome.failedConnections())
                .setPortlessConnections(outcome.portlessConnections())
                .setSourceConnections(toAvro(outcome.sourceConnections()))
                .setDestinationConnections(toAvro(outcome.destinationConnections()))
                .setSourceReceiveDelay(ReceiveDelayAvro.toAvro(outcome.sourceReceiveDelay()))
                .setDestinationReceiveDelay(ReceiveDelayAvro.toAvro(outcome.destinationReceiveDelay()));
        KindOutcome.Backward backward = outcome.backward();
        if (backward != null) {
            record.setBackwardSentBytes(backward.sentBytes())
                    .setBackwardReceivedBytes(backward.receivedBytes())
                    .setBackwardThroughputBitsPerSecond(backward.throughputBitsPerSecond())
                    .setBackwardWindowEnd(windowEnd(backward.windowEnd()));
        }
    }

    /** Sums over the flows. */
    static void fill(dev.flowlane.avro.RunResult.Builder record, RunOutcome run) {
        long sentBytes = 0;
        long receivedBytes = 0;
        double bitsPerSecond = 0;
        boolean backwards = false;
        long failedConnections = 0;
        long portlessConnections = 0;
        for (FlowOutcome flow : run.flows()) {
            failedConnections += flow.ofKind().failedConnections();
            portlessConnections += flow.ofKind().portlessConnections();
            KindOutcome.Backward backward = flow.ofKind().backward();
            if (backward != null) {
                backwards = true;
                sentBytes += backward.sentBytes();
                receivedBytes += backward.receivedBytes();
                bitsPerSecond += backward.throughputBitsPerSecond();
            }
        }
        record.setFailedConnections(failedConnections).setPortlessConnections(portlessConnections);
        if (backwards) {
            record.setBackwardSentBytes(sentBytes)
                    .setBackwardReceivedBytes(receivedBytes)
                    .setBackwardThroughputBitsPerSecond(bitsPerSecond);
        }
    }
}
