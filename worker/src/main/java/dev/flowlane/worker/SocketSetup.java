package dev.flowlane.worker;

import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.TcpOptions;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Sets a flow end's socket options and reads back what the kernel made of them. */
final class SocketSetup {
    /**
     * Unless something else is asked for: without it a peer that has gone without a word is noticed after a quarter of
     * an hour (net.ipv4.tcp_retries2).
     */
    static final int USER_TIMEOUT_MS = 10_000;

    private SocketSetup() {}

    /**
     * Sets what can be set on a connected socket. What the handshake goes by was set before it, by the source's daemon.
     *
     * @throws PosixException naming the option that the kernel refused
     */
    static void apply(int fd, Role role, SocketOptions asked) {
        Sockets.setNoDelay(fd, asked.noDelay());
        if (asked.congestionControl() != null) {
            Sockets.setCongestionControl(fd, asked.congestionControl());
        }
        if (asked.maxPacingBytesPerSecond() != null) {
            Sockets.setMaxPacingBytesPerSecond(fd, asked.maxPacingBytesPerSecond());
        }
        if (asked.dscp() != null) {
            TcpOptions.setDscp(fd, asked.dscp());
        }
        if (asked.quickAck() != null) {
            TcpOptions.setQuickAck(fd, asked.quickAck());
        }
        Integer userTimeoutMs = asked.userTimeoutMs();
        Sockets.setUserTimeout(fd, userTimeoutMs == null ? USER_TIMEOUT_MS : userTimeoutMs);
        if (asked.notSentLowWaterBytes() != null) {
            TcpOptions.setNotSentLowWater(fd, asked.notSentLowWaterBytes());
        }
        switch (role) {
            case SOURCE -> {}
            case DESTINATION -> {
                // Its listener stands for every run; buffers can be raised up to the window scale that it offered.
                if (asked.sendBufferBytes() != null) {
                    int _ = Sockets.setSendBuffer(fd, asked.sendBufferBytes());
                }
                if (asked.receiveBufferBytes() != null) {
                    int _ = Sockets.setReceiveBuffer(fd, asked.receiveBufferBytes());
                }
                if (asked.destinationDevice() != null) {
                    TcpOptions.bindToDevice(fd, asked.destinationDevice());
                }
            }
        }
    }

    /** Every option that may be asked for, next to what the kernel says of it now. */
    static List<AppliedOption> readBack(int fd, Role role, SocketOptions asked) {
        boolean source = role == Role.SOURCE;
        List<AppliedOption> options = new ArrayList<>();
        add(options, "TCP_NODELAY", asked.noDelay(), () -> Sockets.noDelay(fd));
        add(options, "TCP_CONGESTION", asked.congestionControl(), () -> Sockets.congestionControl(fd));
        add(options, "TCP_MAXSEG", asked.maxSegmentBytes(), () -> TcpOptions.maxSegmentBytes(fd));
        add(options, "SO_SNDBUF", asked.sendBufferBytes(), () -> Sockets.sendBuffer(fd));
        add(options, "SO_RCVBUF", asked.receiveBufferBytes(), () -> Sockets.receiveBuffer(fd));
        add(options, "SO_RCVLOWAT", null, () -> Sockets.receiveLowWaterBytes(fd));
        add(options, "SO_MAX_PACING_RATE", asked.maxPacingBytesPerSecond(), () -> {
            long rate = Sockets.maxPacingBytesPerSecond(fd);
            return rate == Long.MAX_VALUE ? "unlimited" : Long.toString(rate);
        });
        add(options, "DSCP", asked.dscp(), () -> TcpOptions.dscp(fd));
        add(options, "IPV6_FLOWLABEL", asked.flowLabel(), () -> flowLabel(fd, source));
        add(options, "TCP_QUICKACK", asked.quickAck(), () -> TcpOptions.quickAck(fd));
        add(options, "TCP_USER_TIMEOUT", asked.userTimeoutMs(), () -> Sockets.userTimeoutMs(fd));
        add(options, "TCP_NOTSENT_LOWAT", asked.notSentLowWaterBytes(), () -> TcpOptions.notSentLowWaterBytes(fd));
        String device = source ? asked.sourceDevice() : asked.destinationDevice();
        add(options, "SO_BINDTODEVICE", device, () -> {
            String bound = TcpOptions.device(fd);
            return bound.isEmpty() ? null : bound;
        });
        return options;
    }

    private static @Nullable Integer flowLabel(int fd, boolean source) {
        if (!TcpOptions.isIpv6(fd)) {
            return null;
        }
        return source ? TcpOptions.flowLabel(fd) : TcpOptions.peerFlowLabel(fd);
    }

    static void add(
            List<AppliedOption> options, String name, @Nullable Object asked, Supplier<@Nullable Object> read) {
        Object effective;
        try {
            effective = read.get();
        } catch (PosixException e) {
            // The kernel does not tell, and the flow is not the worse for it.
            effective = null;
        }
        options.add(new AppliedOption(name, text(asked), text(effective)));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
