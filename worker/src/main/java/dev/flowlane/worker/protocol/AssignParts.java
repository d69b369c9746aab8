package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/** The bytes of an assignment; every {@code write} has its {@code read} below it, in the same order of fields. */
final class AssignParts {
    private AssignParts() {}

    static void write(WireWriter out, ToWorker.Assign assign) {
        out.text(assign.flowId());
        out.constant(assign.role());
        write(out, assign.settings());
        out.i32(assign.applicationCpu());
        out.optionalText(assign.housekeepingCpus());
        out.optionalBytes(assign.secret() == null ? null : assign.secret().secret());
    }

    static ToWorker.Assign read(WireReader in) throws MalformedMessageException {
        String flowId = in.text();
        Role role = in.constant(Role.values());
        try {
            return new ToWorker.Assign(
                    flowId, role, readSettings(in), in.i32(), in.optionalText(), readSecret(in));
        } catch (IllegalArgumentException e) {
            throw in.bad(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable FlowSecret readSecret(WireReader in) throws MalformedMessageException {
        Bytes secret = in.optionalBytes();
        return secret == null ? null : new FlowSecret(secret);
    }

    private static void write(WireWriter out, FlowSettings settings) {
        out.constant(settings.kind());
        out.i32(settings.requestBytes());
        out.i32(settings.responseBytes());
        out.i32(settings.outstanding());
        write(out, settings.pace());
        out.i64(settings.durationNs());
        out.i64(settings.warmupNs());
        out.i64(settings.intervalNs());
        out.constant(settings.engine());
        out.optionalFlag(settings.ring().multishotReceive());
        out.optionalFlag(settings.ring().registeredBuffers());
        out.i32(settings.readBytes());
        out.i32(settings.writeBytes());
        out.flag(settings.validatePayload());
        out.flag(settings.truncateReceive());
        out.flag(settings.zerocopySend());
        out.flag(settings.zerocopyReceive());
        out.flag(settings.hugePages());
        write(out, settings.tls());
        write(out, settings.socket());
        out.i64(settings.drainTimeoutNs());
        out.i64(settings.settleTimeoutNs());
        write(out, settings.course());
        write(out, settings.datagrams());
        out.flag(settings.receiveTimestamps());
        out.i32(settings.flowsPerWorker());
    }

    private static FlowSettings readSettings(WireReader in) throws MalformedMessageException {
        return new FlowSettings(
                in.constant(TrafficKind.values()),
                in.i32(),
                in.i32(),
                in.i32(),
                readPace(in),
                in.i64(),
                in.i64(),
                in.i64(),
                in.constant(Engine.values()),
                new RingSettings(in.optionalFlag(), in.optionalFlag()),
                in.i32(),
                in.i32(),
                in.flag(),
                in.flag(),
                in.flag(),
                in.flag(),
                in.flag(),
                readTls(in),
                readSocket(in),
                in.i64(),
                in.i64(),
                readCourse(in),
                readDatagrams(in),
                in.flag(),
                in.i32());
    }

    private static void write(WireWriter out, Course course) {
        out.flag(course.reverse());
        out.i64(course.mostBytes());
        out.i64(course.mostMessages());
        out.flag(course.resetClose());
        PortRange ports = course.sourcePorts();
        out.flag(ports != null);
        if (ports != null) {
            out.i32(ports.first());
            out.i32(ports.last());
        }
    }

    private static Course readCourse(WireReader in) throws MalformedMessageException {
        return new Course(
                in.flag(), in.i64(), in.i64(), in.flag(), in.flag() ? new PortRange(in.i32(), in.i32()) : null);
    }

    private static void write(WireWriter out, @Nullable DatagramSettings datagrams) {
        out.flag(datagrams != null);
        if (datagrams != null) {
            out.i64(datagrams.timeoutNs());
            out.constant(datagrams.offload());
        }
    }

    private static @Nullable DatagramSettings readDatagrams(WireReader in) throws MalformedMessageException {
        return in.flag() ? new DatagramSettings(in.i64(), in.constant(DatagramSettings.Offload.values())) : null;
    }

    private static void write(WireWriter out, @Nullable Pace pace) {
        out.flag(pace != null);
        if (pace != null) {
            out.constant(pace.arrival());
            out.f64(pace.messagesPerSecond());
            out.i64(pace.seed());
            out.i32(pace.burst());
        }
    }

    private static @Nullable Pace readPace(WireReader in) throws MalformedMessageException {
        return in.flag() ? new Pace(in.constant(Pace.Arrival.values()), in.f64(), in.i64(), in.i32()) : null;
    }

    private static void write(WireWriter out, @Nullable TlsSettings tls) {
        out.flag(tls != null);
        if (tls != null) {
            out.constant(tls.directions());
            out.constant(tls.version());
            out.constant(tls.cipher());
            out.flag(tls.noPad());
        }
    }

    private static @Nullable TlsSettings readTls(WireReader in) throws MalformedMessageException {
        return in.flag()
                ? new TlsSettings(
                        in.constant(TlsSettings.Directions.values()),
                        in.constant(TlsSettings.Version.values()),
                        in.constant(TlsSettings.Cipher.values()),
                        in.flag())
                : null;
    }

    private static void write(WireWriter out, SocketOptions socket) {
        out.flag(socket.noDelay());
        out.optionalText(socket.congestionControl());
        out.optionalI64(socket.maxPacingBytesPerSecond());
        out.optionalI32(socket.sendBufferBytes());
        out.optionalI32(socket.receiveBufferBytes());
        out.optionalI32(socket.maxSegmentBytes());
        out.optionalI32(socket.dscp());
        out.optionalI32(socket.flowLabel());
        out.optionalFlag(socket.quickAck());
        out.optionalI32(socket.userTimeoutMs());
        out.optionalI32(socket.notSentLowWaterBytes());
        out.optionalText(socket.sourceDevice());
        out.optionalText(socket.destinationDevice());
    }

    private static SocketOptions readSocket(WireReader in) throws MalformedMessageException {
        return new SocketOptions(
                in.flag(),
                in.optionalText(),
                in.optionalI64(),
                in.optionalI32(),
                in.optionalI32(),
                in.optionalI32(),
                in.optionalI32(),
                in.optionalI32(),
                in.optionalFlag(),
                in.optionalI32(),
                in.optionalI32(),
                in.optionalText(),
                in.optionalText());
    }
}
