package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.TrafficKind;

import java.util.concurrent.TimeUnit;

/** Settings of flows in tests: short ones, and one thing different at a time. */
record Settings(
        TrafficKind kind,
        Engine engine,
        int requestBytes,
        int responseBytes,
        int readBytes,
        int writeBytes,
        boolean validate,
        long durationMs,
        long warmupMs,
        long intervalMs,
        long drainMs,
        long settleMs) {
    static Settings stream() {
        return new Settings(
                TrafficKind.STREAM, Engine.BLOCKING, 1, 1, 65536, 65536, true, 300, 100, 100, 5000, 5000);
    }

    static Settings requests() {
        return stream().kind(TrafficKind.REQUEST_RESPONSE);
    }

    Settings kind(TrafficKind other) {
        return new Settings(
                other, engine, requestBytes, responseBytes, readBytes, writeBytes, validate, durationMs, warmupMs,
                intervalMs, drainMs, settleMs);
    }

    Settings engine(Engine other) {
        return new Settings(
                kind, other, requestBytes, responseBytes, readBytes, writeBytes, validate, durationMs, warmupMs,
                intervalMs, drainMs, settleMs);
    }

    Settings messages(int request, int response) {
        return new Settings(
                kind, engine, request, response, readBytes, writeBytes, validate, durationMs, warmupMs, intervalMs,
                drainMs, settleMs);
    }

    Settings calls(int read, int write) {
        return new Settings(
                kind, engine, requestBytes, responseBytes, read, write, validate, durationMs, warmupMs, intervalMs,
                drainMs, settleMs);
    }

    Settings validate(boolean other) {
        return new Settings(
                kind, engine, requestBytes, responseBytes, readBytes, writeBytes, other, durationMs, warmupMs,
                intervalMs, drainMs, settleMs);
    }

    Settings times(long duration, long warmup, long interval) {
        return new Settings(
                kind, engine, requestBytes, responseBytes, readBytes, writeBytes, validate, duration, warmup, interval,
                drainMs, settleMs);
    }

    Settings timeouts(long drain, long settle) {
        return new Settings(
                kind, engine, requestBytes, responseBytes, readBytes, writeBytes, validate, durationMs, warmupMs,
                intervalMs, drain, settle);
    }

    FlowSettings build() {
        return new FlowSettings(
                kind,
                requestBytes,
                responseBytes,
                TimeUnit.MILLISECONDS.toNanos(durationMs),
                TimeUnit.MILLISECONDS.toNanos(warmupMs),
                TimeUnit.MILLISECONDS.toNanos(intervalMs),
                engine,
                readBytes,
                writeBytes,
                validate,
                true,
                null,
                null,
                TimeUnit.MILLISECONDS.toNanos(drainMs),
                TimeUnit.MILLISECONDS.toNanos(settleMs));
    }
}
