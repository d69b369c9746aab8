package dev.flowlane.worker;

import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.ReceiveTimestamps;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.TcpOptions;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TlsSettings;

import java.util.ArrayList;
import java.util.List;

/** A flow end's sockets before and after the traffic. */
final class FlowSockets {
    private FlowSockets() {}

    /**
     * Sets every option.
     *
     * @throws PosixException naming the one that the kernel refused
     */
    static void prepare(Flow flow) {
        if (flow.datagramFd() >= 0) {
            SocketSetup.apply(flow.fd(), flow.role(), SocketOptions.DEFAULT);
            DatagramSetup.apply(flow.datagramFd(), flow.role(), flow.settings());
        } else {
            SocketSetup.apply(flow.fd(), flow.role(), flow.settings().socket());
        }
        if (flow.settings().zerocopySend()) {
            TcpOptions.setZerocopy(flow.fd(), true);
        }
        if (flow.settings().receiveTimestamps()) {
            ReceiveTimestamps.ask(flow.trafficFd());
        }
        TlsSettings tls = flow.settings().tls();
        FlowSecret secret = flow.secret();
        if (tls != null && secret != null) {
            TlsSetup.apply(flow.fd(), flow.role(), tls, secret);
        }
    }

    /**
     * What the kernel made of the options.
     *
     * @param hugePageBytes of the flow's buffers that lay in huge pages
     */
    static List<AppliedOption> readBack(Flow flow, long hugePageBytes) {
        List<AppliedOption> options = new ArrayList<>();
        if (flow.settings().engine() == Engine.IO_URING) {
            options.addAll(RingModes.of(flow.settings()).options(flow.settings()));
        }
        if (flow.settings().receiveTimestamps()) {
            SocketSetup.add(options, "SO_TIMESTAMPING", "receive", () ->
                    ReceiveTimestamps.asked(flow.trafficFd()) ? "receive" : "off");
        }
        if (flow.datagramFd() >= 0) {
            options.addAll(DatagramSetup.readBack(flow.datagramFd(), flow.role(), flow.settings()));
            return options;
        }
        options.addAll(
                SocketSetup.readBack(flow.fd(), flow.role(), flow.settings().socket()));
        options.addAll(TlsSetup.readBack(flow.fd(), flow.role(), flow.settings().tls()));
        if (flow.settings().hugePages()) {
            options.add(new AppliedOption("MAP_HUGETLB", "true", Long.toString(hugePageBytes)));
        }
        return options;
    }

    /** How a flow end has ended that threw. */
    static Flow.End failure(Throwable fault) {
        String message = fault instanceof PosixException ? fault.getMessage() : fault.toString();
        return new Flow.End(Outcome.ERROR, message, null);
    }

    /** Closes the sockets; returns how the flow end has ended, now that they are. */
    static Flow.End close(Flow flow, Flow.End end) {
        try {
            if (flow.datagramFd() >= 0) {
                Sockets.close(flow.datagramFd());
            }
            if (end.outcome() == Outcome.TIMED_OUT) {
                // What is still in the send queue would go on without us.
                Sockets.reset(flow.fd());
            } else {
                Sockets.close(flow.fd());
            }
        } catch (PosixException e) {
            return new Flow.End(Outcome.ERROR, e.getMessage(), end.firstPayloadErrorOffset());
        }
        return end;
    }
}
