package dev.flowlane.posix;

/** Numbers of the socket interface, the same on x86-64 and aarch64. */
final class SocketConstants {
    /** bits/socket.h. */
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    /** bits/socket_type.h. */
    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_SEQPACKET = 5;
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;

    /** netinet/in.h: protocols, which are also the levels of their options. */
    static final int IPPROTO_IP = 0;
    static final int IPPROTO_TCP = 6;
    static final int IPPROTO_UDP = 17;
    static final int IPPROTO_IPV6 = 41;
    /** linux/socket.h. */
    static final int SOL_TLS = 282;

    /** asm-generic/socket.h. */
    static final int SOL_SOCKET = 1;
    static final int SO_REUSEADDR = 2;
    static final int SO_ERROR = 4;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_LINGER = 13;
    static final int SO_PEERCRED = 17;
    static final int SO_RCVLOWAT = 18;
    static final int SO_RCVTIMEO = 20;
    static final int SO_SNDTIMEO = 21;
    static final int SO_BINDTODEVICE = 25;
    static final int SO_SNDBUFFORCE = 32;
    static final int SO_RCVBUFFORCE = 33;
    static final int SO_TIMESTAMPING = 37;
    static final int SO_DOMAIN = 39;
    static final int SO_BUSY_POLL = 46;
    static final int SO_MAX_PACING_RATE = 47;
    static final int SO_INCOMING_CPU = 49;
    static final int SO_MEMINFO = 55;
    static final int SO_ZEROCOPY = 60;

    /** linux/in.h, linux/in6.h. */
    static final int IP_TOS = 1;
    static final int IP_RECVERR = 11;
    static final int IP_MTU = 14;
    static final int IP_BIND_ADDRESS_NO_PORT = 24;
    static final int IPV6_MTU = 24;
    static final int IPV6_RECVERR = 25;
    static final int IPV6_V6ONLY = 26;
    static final int IPV6_FLOWLABEL_MGR = 32;
    static final int IPV6_FLOWINFO_SEND = 33;
    static final int IPV6_TCLASS = 67;

    /** linux/tcp.h. */
    static final int TCP_NODELAY = 1;
    static final int TCP_MAXSEG = 2;
    static final int TCP_INFO = 11;
    static final int TCP_QUICKACK = 12;
    static final int TCP_CONGESTION = 13;
    static final int TCP_USER_TIMEOUT = 18;
    static final int TCP_NOTSENT_LOWAT = 25;
    static final int TCP_ULP = 31;
    static final int TCP_ZEROCOPY_RECEIVE = 35;

    /** linux/tls.h: options of SOL_TLS, and its control message with a record's type. */
    static final int TLS_TX = 1;
    static final int TLS_RX = 2;
    static final int TLS_RX_EXPECT_NO_PAD = 4;
    static final int TLS_GET_RECORD_TYPE = 2;

    /** linux/udp.h. */
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    /** bits/socket.h. */
    static final int MSG_CTRUNC = 0x8;
    static final int MSG_TRUNC = 0x20;
    static final int MSG_ERRQUEUE = 0x2000;
    static final int MSG_NOSIGNAL = 0x4000;
    static final int MSG_CMSG_CLOEXEC = 0x40000000;
    static final int SCM_RIGHTS = 1;
    /** asm-generic/socket.h: of a 64-bit kernel the same as the option. */
    static final int SCM_TIMESTAMPING = SO_TIMESTAMPING;

    /** sys/socket.h. */
    static final int SHUT_WR = 1;

    private SocketConstants() {}
}
