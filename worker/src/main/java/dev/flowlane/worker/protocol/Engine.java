package dev.flowlane.worker.protocol;

/** How a flow end waits for its socket. */
public enum Engine {
    /** Sleeps inside send and recv: one system call per operation, the cheapest when a worker drives one flow. */
    BLOCKING,
    /** Non-blocking calls; sleeps in epoll_wait when they would block. */
    EPOLL,
    /** Non-blocking calls, repeated without sleeping: burns its CPU and saves the wake-up. */
    BUSY_POLL,
    /** Sends and receives through the rings of an io_uring; sleeps in io_uring_enter. */
    IO_URING
}
