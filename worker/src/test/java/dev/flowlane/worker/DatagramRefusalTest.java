package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.ConnectOptions;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Flows over UDP that cannot begin. */
final class DatagramRefusalTest {
    private static InProcessWorker source;

    @BeforeAll
    static void start() throws Exception {
        source = InProcessWorker.start();
    }

    @AfterAll
    static void stop() {
        source.close();
    }

    /** The loopback's 65,536 bytes hold one such message over IPv4, but not over IPv6. */
    @Test
    void offloadThatCannotBeIsRefusedByName() throws Exception {
        FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                .messages(DatagramSettings.MAX_MESSAGE_BYTES, 24)
                .datagrams(1000, DatagramSettings.Offload.ON)
                .build();
        SocketPair connection = Loopback.tcp("::1", ConnectOptions.NONE);
        SocketPair datagrams = Loopback.udp("::1");
        source.daemon()
                .assign(
                        new ToWorker.Assign("flow", Role.SOURCE, settings, -1, null),
                        connection.first(),
                        datagrams.first());
        EndReport end = source.daemon().flown().end();
        Sockets.close(connection.second());
        Sockets.close(datagrams.second());

        assertThat(end.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(end.message())
                .startsWith("setsockopt(UDP_SEGMENT): EMSGSIZE")
                .contains("up to 65488 bytes", "lower traffic.message-size or set io.segmentation-offload to false");
    }

    @Test
    void withoutItsUdpSocketAFlowIsRefused() throws Exception {
        FlowSettings settings =
                Settings.datagrams(TrafficKind.DATAGRAM_STREAM).build();
        SocketPair connection = Loopback.tcp();
        source.daemon().assign(new ToWorker.Assign("flow", Role.SOURCE, settings, -1, null), connection.first());
        Sockets.close(connection.second());
        FromWorker.Ended ended = source.daemon().receive(FromWorker.Ended.class);
        assertThat(ended.report().message()).isEqualTo("no socket came with the assignment");
    }
}
