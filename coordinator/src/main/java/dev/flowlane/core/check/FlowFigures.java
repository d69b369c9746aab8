package dev.flowlane.core.check;

/**
 * What a result says of one flow.
 *
 * @param sentBytes that the source sent in the measured window
 * @param receivedBytes of the measured window that the destination received
 * @param intervals measured ones published by both ends together
 * @param intervalsMissing intervals of either end, warm-up included, that are declared not to be there
 * @param driftedIntervals measured ones outside the lane
 * @param measured whether both ends are DONE and have a measured window
 */
public record FlowFigures(
        String flowId,
        long sentBytes,
        long receivedBytes,
        int intervals,
        int intervalsMissing,
        int driftedIntervals,
        boolean measured) {}
