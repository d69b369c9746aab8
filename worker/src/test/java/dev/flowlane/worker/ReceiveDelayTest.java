package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.ReceiveDelay;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Over real sockets: how long what was received lay in the kernel, by the kernel's own timestamps. */
final class ReceiveDelayTest {
    private static InProcessWorker source;
    private static InProcessWorker destination;

    @BeforeAll
    static void start() throws Exception {
        source = InProcessWorker.start();
        destination = InProcessWorker.start();
    }

    @AfterAll
    static void stop() {
        source.close();
        destination.close();
    }

    @ParameterizedTest
    @CsvSource({
        "STREAM, BLOCKING, DESTINATION", "STREAM, EPOLL, DESTINATION", "STREAM, BUSY_POLL, DESTINATION",
        "REQUEST_RESPONSE, BLOCKING, SOURCE", "REQUEST_RESPONSE, EPOLL, SOURCE", "REQUEST_RESPONSE, BUSY_POLL, SOURCE",
        "REQUEST_RESPONSE, BLOCKING, DESTINATION", "BIDIRECTIONAL, BLOCKING, SOURCE",
        "DATAGRAM_STREAM, BLOCKING, DESTINATION", "DATAGRAM_REQUEST_RESPONSE, BLOCKING, SOURCE",
        "DATAGRAM_REQUEST_RESPONSE, EPOLL, DESTINATION"
    })
    void theKernelTellsHowLongBytesLayThere(TrafficKind kind, Engine engine, Role where) throws Exception {
        FlowSettings settings = Settings.stream()
                .kind(kind)
                .engine(engine)
                .receiveTimestamps()
                .times(300, 100, 100)
                .build();
        DaemonEnd.Flown flown = run(settings, where);

        EndReport end = flown.end();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        ReceiveDelay delay = end.ofKind().receiveDelay();
        assertThat(delay).isNotNull();
        assertThat(delay.samples()).isPositive();
        assertThat(delay.p50Ns()).isPositive().isLessThanOrEqualTo(delay.p90Ns());
        assertThat(delay.p99Ns()).isBetween(delay.p90Ns(), delay.p999Ns());
        assertThat(delay.maxNs()).isBetween(delay.p999Ns(), 5_000_000_000L);
        assertThat(delay.meanNs()).isBetween(1.0, (double) delay.maxNs());
        long samples = 0;
        long without = 0;
        long longestNs = 0;
        for (IntervalReport interval : flown.intervals()) {
            ReceiveDelay part = interval.receiveDelay();
            assertThat(part).isNotNull();
            if (!interval.warmup()) {
                samples += part.samples();
                without += part.withoutTimestamp();
                longestNs = Math.max(longestNs, part.maxNs());
            }
        }
        assertThat(samples).isEqualTo(delay.samples());
        assertThat(without).isEqualTo(delay.withoutTimestamp());
        assertThat(longestNs).isEqualTo(delay.maxNs());
        if (kind == TrafficKind.REQUEST_RESPONSE) {
            // One byte is one segment, and one call.
            assertThat(samples + without).isBetween(
                    end.measured().transactions() - 1, end.measured().transactions() + 1);
        }
        assertThat(end.socketOptions())
                .anySatisfy(option -> {
                    assertThat(option.name()).isEqualTo("SO_TIMESTAMPING");
                    assertThat(option.effective()).isEqualTo("receive");
                });
    }

    @Test
    void nobodyAskedSoNothingIsTold() throws Exception {
        DaemonEnd.Flown flown = run(Settings.requests().build(), Role.SOURCE);

        assertThat(flown.end().ofKind().receiveDelay()).isNull();
        assertThat(flown.intervals()).allSatisfy(interval -> assertThat(interval.receiveDelay()).isNull());
        assertThat(flown.end().socketOptions()).noneMatch(option -> option.name().equals("SO_TIMESTAMPING"));
    }

    @Test
    void whereThereAreNoneTheyAreRefusedByName() {
        assertThatThrownBy(() -> Settings.stream().engine(Engine.IO_URING).receiveTimestamps().build())
                .hasMessageContaining("receiveTimestamps").hasMessageContaining("IO_URING");
        assertThatThrownBy(() -> Settings.stream().zerocopyReceive().receiveTimestamps().build())
                .hasMessageContaining("zerocopyReceive");
        assertThatThrownBy(() -> Settings.connections().receiveTimestamps().build())
                .hasMessage("CONNECT_REQUEST_RESPONSE does not go with receiveTimestamps");
    }

    private static DaemonEnd.Flown run(FlowSettings settings, Role where) throws Exception {
        ToWorker.Assign atSource = new ToWorker.Assign("flow", Role.SOURCE, settings, -1, null);
        ToWorker.Assign atDestination = new ToWorker.Assign("flow", Role.DESTINATION, settings, -1, null);
        SocketPair connection = Loopback.tcp();
        if (settings.kind().datagrams()) {
            SocketPair datagrams = Loopback.udp("127.0.0.1");
            source.daemon().assign(atSource, connection.first(), datagrams.first());
            destination.daemon().assign(atDestination, connection.second(), datagrams.second());
        } else {
            source.daemon().assign(atSource, connection.first());
            destination.daemon().assign(atDestination, connection.second());
        }
        source.daemon().receive(FromWorker.Ready.class);
        destination.daemon().receive(FromWorker.Ready.class);
        source.daemon().send(new ToWorker.Start());
        destination.daemon().send(new ToWorker.Start());
        DaemonEnd.Flown sent = source.daemon().flown();
        DaemonEnd.Flown received = destination.daemon().flown();
        return where == Role.SOURCE ? sent : received;
    }
}
