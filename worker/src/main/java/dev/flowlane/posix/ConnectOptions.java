package dev.flowlane.posix;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;

/**
 * Options that the handshake of a connection already goes by, or that its first packet already shows. null: the
 * kernel's own choice.
 *
 * @param maxSegmentBytes TCP_MAXSEG, told to the peer in the SYN
 * @param sendBufferBytes SO_SNDBUF
 * @param receiveBufferBytes SO_RCVBUF, of which the window scale in the SYN is made
 * @param congestionControl TCP_CONGESTION; some algorithms negotiate ECN in the SYN
 * @param dscp 0 to 63
 * @param flowLabel of IPv6, 1 to 1048575
 * @param device SO_BINDTODEVICE
 */
public record ConnectOptions(
        @Nullable Integer maxSegmentBytes,
        @Nullable Integer sendBufferBytes,
        @Nullable Integer receiveBufferBytes,
        @Nullable String congestionControl,
        @Nullable Integer dscp,
        @Nullable Integer flowLabel,
        @Nullable String device) {
    public static final ConnectOptions NONE = new ConnectOptions(null, null, null, null, null, null, null);

    /** Sets them on a socket that is not connected; returns the flow label to connect with, 0 for none. */
    int apply(int fd, InetSocketAddress remote) {
        if (device != null) {
            TcpOptions.bindToDevice(fd, device);
        }
        if (maxSegmentBytes != null) {
            TcpOptions.setMaxSegmentBytes(fd, maxSegmentBytes);
        }
        if (sendBufferBytes != null) {
            int _ = Sockets.setSendBuffer(fd, sendBufferBytes);
        }
        if (receiveBufferBytes != null) {
            int _ = Sockets.setReceiveBuffer(fd, receiveBufferBytes);
        }
        if (congestionControl != null) {
            Sockets.setCongestionControl(fd, congestionControl);
        }
        if (dscp != null) {
            TcpOptions.setDscp(fd, dscp);
        }
        if (flowLabel == null) {
            return 0;
        }
        TcpOptions.leaseFlowLabel(fd, flowLabel, remote);
        return flowLabel;
    }
}
