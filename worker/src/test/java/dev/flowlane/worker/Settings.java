package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Course;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.RingSettings;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TlsSettings;
import dev.flowlane.worker.protocol.TrafficKind;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/** Settings of flows in tests: short ones, and one thing different at a time. */
final class Settings {
    private TrafficKind kind = TrafficKind.STREAM;
    private Engine engine = Engine.BLOCKING;
    private @Nullable Boolean multishot;
    private @Nullable Boolean registered;
    private int requestBytes = 1;
    private int responseBytes = 1;
    private int outstanding = 1;
    private @Nullable Pace pace;
    private int readBytes = 65_536;
    private int writeBytes = 65_536;
    private boolean validate = true;
    private boolean truncate;
    private boolean zerocopy;
    private boolean zerocopyReceive;
    private boolean hugePages;
    private boolean receiveTimestamps;
    private int flowsPerWorker = 1;
    private @Nullable TlsSettings tls;
    private SocketOptions socket = SocketOptions.DEFAULT;
    private Course course = Course.USUAL;
    private long durationMs = 300;
    private long warmupMs = 100;
    private long intervalMs = 100;
    /** Time-outs that pass only when something is wrong, however slow the machine is. */
    private long drainMs = 30_000;
    private long settleMs = 30_000;
    private @Nullable DatagramSettings datagrams;

    private Settings() {}

    static Settings stream() {
        return new Settings();
    }

    static Settings requests() {
        return stream().kind(TrafficKind.REQUEST_RESPONSE);
    }

    static Settings connections() {
        return stream().kind(TrafficKind.CONNECT_REQUEST_RESPONSE);
    }

    Settings kind(TrafficKind other) {
        kind = other;
        if (kind.datagrams()) {
            datagrams = DatagramSettings.DEFAULT;
            messages(1000, 1000);
        }
        return this;
    }

    /** Over UDP, messages of 1,000 bytes unless told otherwise. */
    static Settings datagrams(TrafficKind kind) {
        return stream().kind(kind);
    }

    Settings engine(Engine other) {
        engine = other;
        return this;
    }

    /** What a ring makes use of; null leaves it to the worker. */
    Settings ring(@Nullable Boolean multishotReceive, @Nullable Boolean registeredBuffers) {
        multishot = multishotReceive;
        registered = registeredBuffers;
        return this;
    }

    Settings messages(int request, int response) {
        requestBytes = request;
        responseBytes = response;
        return this;
    }

    Settings outstanding(int requests) {
        outstanding = requests;
        return this;
    }

    Settings datagrams(long timeoutMs, DatagramSettings.Offload offload) {
        datagrams = new DatagramSettings(TimeUnit.MILLISECONDS.toNanos(timeoutMs), offload);
        return this;
    }

    Settings pace(@Nullable Pace other) {
        pace = other;
        return this;
    }

    Settings calls(int read, int write) {
        readBytes = read;
        writeBytes = write;
        return this;
    }

    Settings validate(boolean other) {
        validate = other;
        return this;
    }

    /** Truncates what is received, and then cannot validate it. */
    Settings truncate() {
        return truncate(true).validate(false);
    }

    Settings truncate(boolean other) {
        truncate = other;
        return this;
    }

    Settings zerocopy(boolean other) {
        zerocopy = other;
        return this;
    }

    Settings zerocopyReceive() {
        zerocopyReceive = true;
        return this;
    }

    Settings hugePages() {
        hugePages = true;
        return this;
    }

    Settings receiveTimestamps() {
        receiveTimestamps = true;
        return this;
    }

    Settings together(int flows) {
        return together(flows, Engine.EPOLL);
    }

    Settings together(int flows, Engine how) {
        flowsPerWorker = flows;
        return engine(how);
    }

    Settings tls(TlsSettings other) {
        tls = other;
        return this;
    }

    Settings socket(SocketOptions other) {
        socket = other;
        return this;
    }

    Settings course(Course other) {
        course = other;
        return this;
    }

    Settings times(long duration, long warmup, long interval) {
        durationMs = duration;
        warmupMs = warmup;
        intervalMs = interval;
        return this;
    }

    Settings timeouts(long drain, long settle) {
        drainMs = drain;
        settleMs = settle;
        return this;
    }

    FlowSettings build() {
        return new FlowSettings(
                kind,
                requestBytes,
                responseBytes,
                outstanding,
                pace,
                TimeUnit.MILLISECONDS.toNanos(durationMs),
                TimeUnit.MILLISECONDS.toNanos(warmupMs),
                TimeUnit.MILLISECONDS.toNanos(intervalMs),
                engine,
                new RingSettings(multishot, registered),
                readBytes,
                writeBytes,
                validate,
                truncate,
                zerocopy,
                zerocopyReceive,
                hugePages,
                tls,
                socket,
                TimeUnit.MILLISECONDS.toNanos(drainMs),
                TimeUnit.MILLISECONDS.toNanos(settleMs),
                course,
                datagrams,
                receiveTimestamps,
                flowsPerWorker);
    }
}
