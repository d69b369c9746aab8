package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/** What a daemon says to a worker. */
public sealed interface ToWorker {

    /**
     * Take the flow end whose socket comes with this message (SCM_RIGHTS). Only to a worker that said
     * {@link FromWorker.Warm} and has no flow end now.
     *
     * @param applicationCpu CPU to pin the I/O thread to, -1 for none
     * @param housekeepingCpus where all other threads of the worker go, in the kernel's list form; null: leave them
     * @param secret of the connection, from which the keys of TLS come; null: there is none
     */
    record Assign(
            String flowId,
            Role role,
            FlowSettings settings,
            int applicationCpu,
            @Nullable String housekeepingCpus,
            @Nullable FlowSecret secret)
            implements ToWorker {
        /**
         * Checks that TLS has a secret.
         *
         * @throws IllegalArgumentException when it has none
         */
        public Assign {
            if (settings.tls() != null && secret == null) {
                throw new IllegalArgumentException("tls needs the connection's secret");
            }
        }

        /** In the clear. */
        public Assign(
                String flowId,
                Role role,
                FlowSettings settings,
                int applicationCpu,
                @Nullable String housekeepingCpus) {
            this(flowId, role, settings, applicationCpu, housekeepingCpus, null);
        }
    }

    /**
     * Talk of one more flow end over the connection that comes with this message, which goes on as this one does, but
     * that {@link FromWorker.Warm} is never said there: the flow ends of one worker share its I/O thread.
     * {@link FromWorker.Warm} is said here when none of them has a flow any more. Closed when it is not needed.
     */
    record Seat() implements ToWorker {}

    /** Begin the traffic. */
    record Start() implements ToWorker {}

    /**
     * End early. A source half-closes as if its deadline had come; a destination goes on draining for at most its drain
     * time-out; an end that was not started reports NEVER_STARTED at once. Without a flow end: no effect.
     */
    record Stop(String reason) implements ToWorker {}
}
