package dev.flowlane.worker;

import dev.flowlane.posix.Datagrams;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.TcpOptions;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TrafficKind;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Sets the options of a flow end's UDP socket and reads back what the kernel made of them. */
final class DatagramSetup {
    private DatagramSetup() {}

    /**
     * Sets what was asked for; the source's device was set before it connected.
     *
     * @throws PosixException naming the option that the kernel refused
     */
    static void apply(int fd, Role role, FlowSettings settings) {
        SocketOptions asked = settings.socket();
        if (asked.sendBufferBytes() != null) {
            int _ = Sockets.setSendBuffer(fd, asked.sendBufferBytes());
        }
        if (asked.receiveBufferBytes() != null) {
            int _ = Sockets.setReceiveBuffer(fd, asked.receiveBufferBytes());
        }
        if (asked.maxPacingBytesPerSecond() != null) {
            Sockets.setMaxPacingBytesPerSecond(fd, asked.maxPacingBytesPerSecond());
        }
        if (asked.dscp() != null) {
            TcpOptions.setDscp(fd, asked.dscp());
        }
        switch (role) {
            case SOURCE -> {}
            case DESTINATION -> {
                if (asked.destinationDevice() != null) {
                    TcpOptions.bindToDevice(fd, asked.destinationDevice());
                }
            }
        }
        switch (offload(settings)) {
            case OFF -> {}
            case ON -> segment(fd, role, settings);
            case AUTO -> segmentIfPossible(fd, role, settings);
        }
    }

    /** Requests and responses go one by one. */
    private static DatagramSettings.Offload offload(FlowSettings settings) {
        DatagramSettings datagrams = settings.datagrams();
        return datagrams == null || settings.kind() != TrafficKind.DATAGRAM_STREAM
                ? DatagramSettings.Offload.OFF
                : datagrams.offload();
    }

    private static void segment(int fd, Role role, FlowSettings settings) {
        switch (role) {
            case SOURCE -> {
                int unfragmented = Datagrams.unfragmentedBytes(fd);
                if (settings.requestBytes() > unfragmented) {
                    throw new PosixException(
                            "setsockopt(UDP_SEGMENT)",
                            Errno.EMSGSIZE,
                            "the path takes messages of up to " + unfragmented + " bytes unfragmented, and these have "
                                    + settings.requestBytes()
                                    + "; lower traffic.message-size or set io.segmentation-offload to false");
                }
                Datagrams.setSegmentBytes(fd, settings.requestBytes());
            }
            case DESTINATION -> Datagrams.setReceiveCoalescing(fd, true);
        }
    }

    private static void segmentIfPossible(int fd, Role role, FlowSettings settings) {
        if (2 * settings.requestBytes() > Datagrams.MAX_PAYLOAD_BYTES) {
            return;
        }
        try {
            segment(fd, role, settings);
        } catch (PosixException _) {
            // The read-back shows that there is none, and nothing else is different.
        }
    }

    /** Whether batches go through the flow's socket as one, now that its options are set. */
    static boolean coalesces(Flow flow) {
        int fd = flow.datagramFd();
        if (offload(flow.settings()) == DatagramSettings.Offload.OFF) {
            return false;
        }
        if (Datagrams.isLocal(fd)) {
            // The warm-up's: its messages go as they come, so several in one are what segmentation would make.
            return true;
        }
        return switch (flow.role()) {
            case SOURCE -> Datagrams.segmentBytes(fd) == flow.settings().requestBytes();
            case DESTINATION -> Datagrams.receiveCoalescing(fd);
        };
    }

    /** Every option that may be asked for, next to what the kernel says of it now. */
    static List<AppliedOption> readBack(int fd, Role role, FlowSettings settings) {
        SocketOptions asked = settings.socket();
        String offload = settings.kind() == TrafficKind.DATAGRAM_STREAM
                ? offload(settings).name().toLowerCase(Locale.ROOT)
                : null;
        List<AppliedOption> options = new ArrayList<>();
        add(options, "SO_SNDBUF", asked.sendBufferBytes(), () -> Sockets.sendBuffer(fd));
        add(options, "SO_RCVBUF", asked.receiveBufferBytes(), () -> Sockets.receiveBuffer(fd));
        add(options, "SO_MAX_PACING_RATE", asked.maxPacingBytesPerSecond(), () -> {
            long rate = Sockets.maxPacingBytesPerSecond(fd);
            return rate == Long.MAX_VALUE ? "unlimited" : Long.toString(rate);
        });
        add(options, "DSCP", asked.dscp(), () -> TcpOptions.dscp(fd));
        switch (role) {
            case SOURCE -> {
                add(options, "SO_BINDTODEVICE", asked.sourceDevice(), () -> device(fd));
                add(options, "UDP_SEGMENT", offload, () -> Datagrams.segmentBytes(fd));
            }
            case DESTINATION -> {
                add(options, "SO_BINDTODEVICE", asked.destinationDevice(), () -> device(fd));
                add(options, "UDP_GRO", offload, () -> Datagrams.receiveCoalescing(fd));
            }
        }
        return options;
    }

    private static @Nullable String device(int fd) {
        String bound = TcpOptions.device(fd);
        return bound.isEmpty() ? null : bound;
    }

    private static void add(
            List<AppliedOption> options, String name, @Nullable Object asked, Supplier<@Nullable Object> read) {
        SocketSetup.add(options, name, asked, read);
    }
}
