package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** What every flow of a run does. */
public sealed interface Traffic {
    /** Most requests of one flow that may be unanswered at a time. */
    int OUTSTANDING_MAX = 1024;

    /** Least bytes of a datagram: those of the header that every one begins with. */
    int DATAGRAM_MIN_BYTES = 24;

    /** Most bytes of a datagram: 65,535 less the headers of IPv4 and UDP. */
    int DATAGRAM_MAX_BYTES = 65_507;

    /** As a spec spells it. */
    default String kind() {
        return switch (this) {
            case Stream _ -> "stream";
            case RequestResponse _ -> "request-response";
            case Bidirectional _ -> "bidirectional";
            case ConnectRequestResponse _ -> "connect-request-response";
            case DatagramStream _ -> "datagram-stream";
            case DatagramRequestResponse _ -> "datagram-request-response";
        };
    }

    /** Whether it goes over UDP, where what is lost stays lost. */
    default boolean isOverUdp() {
        return switch (this) {
            case Stream _, RequestResponse _, Bidirectional _, ConnectRequestResponse _ -> false;
            case DatagramStream _, DatagramRequestResponse _ -> true;
        };
    }

    /** When messages are sent; null: as soon as may be (closed loop). */
    @Nullable Pace pace();

    /** Whether whoever asks times how long each answer takes. */
    boolean timed();

    /**
     * The source sends as fast as the connection takes it, or one write whenever it is due.
     *
     * @param pace of the writes
     */
    record Stream(@Nullable Pace pace) implements Traffic {
        /** As fast as the connection takes it. */
        public Stream() {
            this(null);
        }

        @Override
        public boolean timed() {
            return false;
        }
    }

    /**
     * The source sends requests, the destination answers each.
     *
     * @param requestBytes 1 to 16 MiB
     * @param responseBytes 1 to 16 MiB
     * @param outstanding requests that may be unanswered at a time, 1 to 1024
     * @param pace of the requests
     */
    record RequestResponse(
            int requestBytes, int responseBytes, int outstanding, @Nullable Pace pace) implements Traffic {
        /** One request at a time, each as soon as the one before is answered. */
        public RequestResponse(int requestBytes, int responseBytes) {
            this(requestBytes, responseBytes, 1, null);
        }

        @Override
        public boolean timed() {
            return true;
        }
    }

    /** Both ends send a stream and receive one at the same time, on one connection. */
    record Bidirectional() implements Traffic {
        @Override
        public @Nullable Pace pace() {
            return null;
        }

        @Override
        public boolean timed() {
            return false;
        }
    }

    /**
     * The source opens a connection for every request; the destination accepts it, answers, and closes it.
     *
     * @param requestBytes 1 to 16 MiB
     * @param responseBytes 1 to 16 MiB
     * @param resetClose whether the source closes instead, with a reset, which leaves no connection in TIME_WAIT
     * @param ports that the source's connections come from, in turn; null: the kernel chooses
     */
    record ConnectRequestResponse(
            int requestBytes, int responseBytes, boolean resetClose, @Nullable PortRange ports) implements Traffic {
        @Override
        public @Nullable Pace pace() {
            return null;
        }

        @Override
        public boolean timed() {
            return true;
        }
    }

    /**
     * The source sends datagrams as fast as the socket takes them, or one whenever it is due.
     *
     * @param messageBytes payload of each, {@link #DATAGRAM_MIN_BYTES} to {@link #DATAGRAM_MAX_BYTES}
     * @param pace of the datagrams
     */
    record DatagramStream(int messageBytes, @Nullable Pace pace) implements Traffic {
        @Override
        public boolean timed() {
            return false;
        }
    }

    /**
     * Requests and responses are datagrams.
     *
     * @param requestBytes {@link #DATAGRAM_MIN_BYTES} to {@link #DATAGRAM_MAX_BYTES}
     * @param responseBytes {@link #DATAGRAM_MIN_BYTES} to {@link #DATAGRAM_MAX_BYTES}
     * @param outstanding requests that may be unanswered at a time, 1 to 1024
     * @param timeout after which a request counts as lost, 1 ms to 4 s
     * @param pace of the requests
     */
    record DatagramRequestResponse(
            int requestBytes, int responseBytes, int outstanding, Duration timeout, @Nullable Pace pace)
            implements Traffic {
        @Override
        public boolean timed() {
            return true;
        }
    }
}
