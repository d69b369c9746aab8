package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A million turns of both ends, interval cuts included, leave nothing for a garbage collector. */
final class NoAllocationTest {
    private static final int TURNS = 1_000_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @CsvSource({
        "STREAM, 1, 65536, BUSY_POLL",
        "REQUEST_RESPONSE, 1, 65536, BUSY_POLL",
        "REQUEST_RESPONSE, 700, 300, BUSY_POLL",
        "STREAM, 1, 65536, EPOLL"
    })
    void aMillionTurnsAllocateNothing(TrafficKind kind, int messageBytes, int callBytes, Engine engine) {
        FlowSettings settings = Settings.stream()
                .kind(kind)
                .engine(engine)
                .messages(messageBytes, messageBytes)
                .calls(callBytes, callBytes)
                .times(3_600_000, 1, 1000)
                .build();
        SocketPair pair = Loopback.tcp();
        try (EventFd unheard = EventFd.create();
                FlowRunner one = new FlowRunner(unheard);
                FlowRunner other = new FlowRunner(unheard)) {
            FlowLoop source = one.attach(flow(Role.SOURCE, settings, pair.first()));
            FlowLoop destination = other.attach(flow(Role.DESTINATION, settings, pair.second()));
            source.begin(System.nanoTime());
            destination.begin(System.nanoTime());
            // Until everything is compiled, which is when it allocates nothing any more.
            for (int i = 0; i < 50 && allocated(source, destination, TURNS / 50) > 0; i++) {
                assertThat(FlowSocket.unacknowledgedBytes(pair.first())).isNotNegative();
            }

            assertThat(allocated(source, destination, TURNS / 2)).isZero();

            one.detach();
            other.detach();
        }
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }

    private static Flow flow(Role role, FlowSettings settings, int fd) {
        return new Flow(new ToWorker.Assign("none", role, settings, -1, null), fd);
    }

    private static long allocated(FlowLoop source, FlowLoop destination, int turns) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < turns; i++) {
            if (FlowRunner.turns(source, 1) != FlowLoop.Turn.GO_ON
                    || FlowRunner.turns(destination, 1) != FlowLoop.Turn.GO_ON) {
                throw new IllegalStateException("a loop ended");
            }
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
