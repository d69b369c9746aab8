package dev.flowlane.worker;

import dev.flowlane.posix.FlowSocket;

/** What the kernel threw away of a UDP socket's datagrams, from one look to the next. */
final class ReceiveDrops {
    /** The kernel counts in 32 bits. */
    private static final long MASK = 0xFFFFFFFFL;

    private int fd = -1;
    private long before;

    /** @param socket -1 for none, which drops nothing */
    void attach(int socket) {
        fd = socket;
        before = fd < 0 ? 0 : FlowSocket.receiveDrops(fd);
    }

    /** 0, too, when the kernel does not tell. */
    long sinceLast() {
        if (fd < 0) {
            return 0;
        }
        long now = FlowSocket.receiveDrops(fd);
        long dropped = now < 0 || before < 0 ? 0 : (now - before) & MASK;
        before = now;
        return dropped;
    }
}
