package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

/** What every flow of a run does. */
public sealed interface Traffic {
    /** Most requests of one flow that may be unanswered at a time. */
    int OUTSTANDING_MAX = 1024;

    /** When messages are sent; null: as soon as may be (closed loop). */
    @Nullable Pace pace();

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
    }
}
