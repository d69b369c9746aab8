package dev.flowlane.posix;

/** What a host's kernel and devices may be able to do or not, and a run may need. */
public enum KernelFeature {
    /** Records of TLS in the kernel (kTLS). */
    TLS("tls"),
    TLS_1_2_AES_GCM_128("tls-1.2-aes-gcm-128"),
    TLS_1_2_AES_GCM_256("tls-1.2-aes-gcm-256"),
    TLS_1_2_CHACHA20_POLY1305("tls-1.2-chacha20-poly1305"),
    TLS_1_3_AES_GCM_128("tls-1.3-aes-gcm-128"),
    TLS_1_3_AES_GCM_256("tls-1.3-aes-gcm-256"),
    TLS_1_3_CHACHA20_POLY1305("tls-1.3-chacha20-poly1305"),
    /** TLS_RX_EXPECT_NO_PAD. */
    TLS_NO_PAD("tls-no-pad"),
    IO_URING("io-uring"),
    /** One request for any number of receives. */
    IO_URING_MULTISHOT_RECEIVE("io-uring-multishot-receive"),
    /** IORING_OP_SEND_ZC. */
    IO_URING_ZEROCOPY_SEND("io-uring-zerocopy-send"),
    /** IORING_OP_RECV_ZC: payload lands in memory that was given to a receive queue of the device. */
    IO_URING_ZEROCOPY_RECEIVE("io-uring-zerocopy-receive"),
    /** MSG_ZEROCOPY. */
    ZEROCOPY_SEND("zerocopy-send"),
    /** TCP_ZEROCOPY_RECEIVE. */
    ZEROCOPY_RECEIVE("zerocopy-receive"),
    /** SO_BUSY_POLL: system calls poll the device's queue. */
    BUSY_POLL("busy-poll"),
    /** UDP_SEGMENT. */
    UDP_SEGMENT("udp-segment"),
    UDP_GRO("udp-gro"),
    /** SO_TIMESTAMPING, by software. */
    TIMESTAMPING("timestamping"),
    /** MAP_HUGETLB. */
    HUGE_PAGES("huge-pages"),
    SCTP("sctp"),
    RDS("rds"),
    /** A device of RDMA. */
    RDMA("rdma"),
    /** Payload lands in a device's memory (Documentation/networking/devmem.rst). */
    TCP_DEVMEM("tcp-devmem"),
    /** PSP: the device encrypts (Documentation/networking/psp.rst). */
    PSP("psp");

    private final String word;

    KernelFeature(String word) {
        this.word = word;
    }

    /** As host records and messages spell it. */
    public String word() {
        return word;
    }
}
