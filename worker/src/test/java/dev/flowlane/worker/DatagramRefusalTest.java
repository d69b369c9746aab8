package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.ConnectOptions;
import dev.flowlane.posix.Datagrams;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.TcpOptions;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.List;

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

    /** What else is asked of the socket must not get in the way of asking for its path. */
    @Test
    void offloadAndDscpGoTogether() {
        SocketOptions marked = new SocketOptions(
                true, null, null, null, null, null, 10, null, null, null, null, null, null);
        FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                .socket(marked)
                .datagrams(1000, DatagramSettings.Offload.ON)
                .build();
        for (String address : List.of("127.0.0.1", "::1")) {
            SocketPair datagrams = Loopback.udp(address);
            DatagramSetup.apply(datagrams.first(), Role.SOURCE, settings);
            assertThat(Datagrams.segmentBytes(datagrams.first())).isEqualTo(1000);
            assertThat(TcpOptions.dscp(datagrams.first())).isEqualTo(10);
            Sockets.close(datagrams.first());
            Sockets.close(datagrams.second());
        }
    }
}
