package dev.flowlane.daemon.machine;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * One order of the coordinator.
 *
 * @param commandId comes back in a refusal
 * @param epoch of the coordinator that sent it
 * @param expiresAt by the broker's clock; null: never
 */
public record Command(
        String commandId, String runId, int attempt, long epoch, @Nullable Instant expiresAt, Order order) {
    RunRef run() {
        return new RunRef(runId, attempt);
    }
}
