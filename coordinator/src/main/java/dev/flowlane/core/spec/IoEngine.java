package dev.flowlane.core.spec;

/** How a worker waits for its socket. */
public enum IoEngine {
    /** In the blocking receive or send itself. */
    BLOCKING,
    /** In epoll_wait, with non-blocking calls. */
    EPOLL,
    /** Not at all: non-blocking calls in a loop. */
    BUSY_POLL,
    /** In io_uring_enter, with sends and receives handed over through its rings. */
    IO_URING
}
