package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

/**
 * How a worker moves bytes.
 *
 * @param ring what the engine io-uring makes use of
 * @param readBytes size of one receive call, 1 to 128 MiB
 * @param writeBytes size of one send call of stream traffic, 1 to 128 MiB
 * @param validatePayload whether the payload is compared with its pattern during the measured window too
 * @param truncateReceive whether the kernel throws the measured window's payload away (MSG_TRUNC); not with
 *     {@code validatePayload}
 * @param zerocopySend whether workers send with MSG_ZEROCOPY, or IORING_OP_SEND_ZC
 * @param zerocopyReceive whether workers map the pages that a stream arrived in (TCP_ZEROCOPY_RECEIVE)
 * @param hugePages whether workers keep payload buffers in huge pages (MAP_HUGETLB)
 * @param segmentationOffload whether datagram streams use UDP_SEGMENT and UDP_GRO; null: where they can be had
 * @param timestamps of the kernel that tell its time and the application's apart
 * @param flowsPerWorker flow ends of a pair of hosts that share a worker's thread and application CPU at most, 1 to
 *     {@link #FLOWS_PER_WORKER_MAX}
 */
public record IoSettings(
        IoEngine engine,
        RingSettings ring,
        int readBytes,
        int writeBytes,
        boolean validatePayload,
        boolean truncateReceive,
        boolean zerocopySend,
        boolean zerocopyReceive,
        boolean hugePages,
        ReceiveMemory receiveMemory,
        @Nullable Boolean segmentationOffload,
        Timestamps timestamps,
        int flowsPerWorker) {
    /** Most flows of one worker. */
    static final int FLOWS_PER_WORKER_MAX = 256;

    /** With the usual copies. */
    public IoSettings(IoEngine engine, int readBytes, int writeBytes, boolean validatePayload) {
        this(engine, readBytes, writeBytes, validatePayload, false, false);
    }

    /** With the usual buffers, into which everything is copied on receive. */
    public IoSettings(
            IoEngine engine,
            int readBytes,
            int writeBytes,
            boolean validatePayload,
            boolean truncateReceive,
            boolean zerocopySend) {
        this(
                engine,
                RingSettings.AUTO,
                readBytes,
                writeBytes,
                validatePayload,
                truncateReceive,
                zerocopySend,
                false,
                false,
                ReceiveMemory.HOST,
                null,
                Timestamps.NONE,
                1);
    }
}
