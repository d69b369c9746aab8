package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

/** What every flow of a run does. */
public sealed interface Traffic {
    /** Most requests of one flow that may be unanswered at a time. */
    int OUTSTANDING_MAX = 1024;

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
     */
    record ConnectRequestResponse(int requestBytes, int responseBytes, boolean resetClose) implements Traffic {
        @Override
        public @Nullable Pace pace() {
            return null;
        }

        @Override
        public boolean timed() {
            return true;
        }
    }
}
