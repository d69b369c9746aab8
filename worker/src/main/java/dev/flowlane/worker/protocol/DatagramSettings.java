package dev.flowlane.worker.protocol;

/**
 * What only flows over UDP have to know.
 *
 * @param timeoutNs after which a request counts as lost, {@link #MIN_TIMEOUT_NS} to {@link #MAX_TIMEOUT_NS}; ignored by
 *     {@link TrafficKind#DATAGRAM_STREAM}
 * @param offload segmentation by the kernel or the device; ignored by {@link TrafficKind#DATAGRAM_REQUEST_RESPONSE}
 */
public record DatagramSettings(long timeoutNs, Offload offload) {
    /** Header of every datagram: 24 bytes. */
    public static final int MIN_MESSAGE_BYTES = 24;

    /** Largest payload of an IPv4 datagram. */
    public static final int MAX_MESSAGE_BYTES = 65_507;

    /** 1 ms. */
    public static final long MIN_TIMEOUT_NS = 1_000_000;

    /** 4 s: below the drain time-out, which must not end a flow that waits for its last response. */
    public static final long MAX_TIMEOUT_NS = 4_000_000_000L;

    public static final DatagramSettings DEFAULT = new DatagramSettings(1_000_000_000L, Offload.AUTO);

    /**
     * Whether several datagrams go through the network stack as one (UDP_SEGMENT at the source, UDP_GRO at the
     * destination).
     */
    public enum Offload {
        OFF,
        /** Or the flow ends before READY, and says why. */
        ON,
        /** Where the kernel has it and the messages are not fragmented anyway. */
        AUTO
    }

    public DatagramSettings {
        FlowSettings.within("timeoutNs", timeoutNs, MIN_TIMEOUT_NS, MAX_TIMEOUT_NS);
    }
}
