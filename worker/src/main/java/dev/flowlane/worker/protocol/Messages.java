package dev.flowlane.worker.protocol;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * The messages' bytes: version, type, then the fields in order, little-endian, one message per packet. Decoding trusts
 * nothing: lengths are bounded, unknown types and constants, missing and surplus bytes are errors that say where.
 */
public final class Messages {
    /** First byte of every message; a worker and a daemon of different versions refuse each other. */
    public static final int VERSION = 6;

    /**
     * Longest message. Well below the kernel's default send buffer of an AF_UNIX socket (212992 bytes), because a
     * packet that does not fit in there cannot be sent at all; a histogram that uses all its buckets takes less than
     * 90 KB, and there are two of them at most.
     */
    public static final int MAX_BYTES = 200 << 10;

    private static final int ASSIGN = 1;
    private static final int START = 2;
    private static final int STOP = 3;
    private static final int SEAT = 4;
    private static final int WARM = 65;
    private static final int READY = 66;
    private static final int INTERVAL = 67;
    private static final int ENDED = 68;

    private Messages() {}

    /**
     * Encodes what a daemon sends.
     *
     * @throws IllegalArgumentException when it is longer than {@link #MAX_BYTES}
     */
    public static byte[] encode(ToWorker message) {
        return switch (message) {
            case ToWorker.Assign assign -> write(ASSIGN, out -> AssignParts.write(out, assign));
            case ToWorker.Seat() -> write(SEAT, _ -> {});
            case ToWorker.Start() -> write(START, _ -> {});
            case ToWorker.Stop(String reason) -> write(STOP, out -> out.text(reason));
        };
    }

    /**
     * Encodes what a worker sends.
     *
     * @throws IllegalArgumentException when it is longer than {@link #MAX_BYTES}
     */
    public static byte[] encode(FromWorker message) {
        return switch (message) {
            case FromWorker.Warm(int pid, int threadId) ->
                write(WARM, out -> {
                    out.i32(pid);
                    out.i32(threadId);
                });
            case FromWorker.Ready ready ->
                write(READY, out -> {
                    out.i32(ready.applicationCpu());
                    out.i32(ready.receiveCpu());
                    out.text(ready.affinityCpus());
                    out.i32(ready.threadId());
                });
            case FromWorker.Interval(IntervalReport report) -> write(INTERVAL, out -> Parts.write(out, report));
            case FromWorker.Ended(EndReport report) -> write(ENDED, out -> Parts.write(out, report));
        };
    }

    /** Decodes what a worker received, from the buffer's position to its limit. */
    public static ToWorker toWorker(ByteBuffer message) throws MalformedMessageException {
        WireReader in = open(message);
        int type = in.u8();
        ToWorker decoded =
                switch (type) {
                    case ASSIGN -> AssignParts.read(in);
                    case SEAT -> new ToWorker.Seat();
                    case START -> new ToWorker.Start();
                    case STOP -> new ToWorker.Stop(in.text());
                    default -> throw in.bad("no message to a worker has type " + type);
                };
        in.end();
        return decoded;
    }

    /** Decodes what a daemon received, from the buffer's position to its limit. */
    public static FromWorker fromWorker(ByteBuffer message) throws MalformedMessageException {
        WireReader in = open(message);
        int type = in.u8();
        FromWorker decoded =
                switch (type) {
                    case WARM -> new FromWorker.Warm(in.i32(), in.i32());
                    case READY -> new FromWorker.Ready(in.i32(), in.i32(), in.text(), in.i32());
                    case INTERVAL -> new FromWorker.Interval(Parts.readInterval(in));
                    case ENDED -> new FromWorker.Ended(Parts.readEnd(in));
                    default -> throw in.bad("no message from a worker has type " + type);
                };
        in.end();
        return decoded;
    }

    private static WireReader open(ByteBuffer message) throws MalformedMessageException {
        WireReader in = new WireReader(message);
        if (message.remaining() > MAX_BYTES) {
            throw in.bad("message of " + message.remaining() + " bytes is longer than " + MAX_BYTES);
        }
        int version = in.u8();
        if (version != VERSION) {
            throw in.bad("protocol version is " + version + ", expected " + VERSION);
        }
        return in;
    }

    private interface Body {
        void write(WireWriter out);
    }

    private static byte[] write(int type, Body body) {
        WireWriter out = new WireWriter(MAX_BYTES);
        try {
            out.u8(VERSION);
            out.u8(type);
            body.write(out);
        } catch (BufferOverflowException e) {
            throw new IllegalArgumentException("message is longer than " + MAX_BYTES + " bytes", e);
        }
        return out.written();
    }
}
