package dev.flowlane.core.spec;

/** Where received payload lands. */
public enum ReceiveMemory {
    /** In the kernel's own buffers. */
    HOST,
    /** In memory of a device (TCP devmem). */
    DEVMEM,
    /** In the worker's memory, given to a receive queue of the device through io_uring. */
    IO_URING_ZEROCOPY
}
