package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sandbox;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

final class FlowRunnerTest {
    private static final int LARGE_BYTES = 1 << 20;

    @ParameterizedTest
    @CsvSource({"CONNECT_REQUEST_RESPONSE, SOURCE", "CONNECT_REQUEST_RESPONSE, DESTINATION", "STREAM, SOURCE"})
    void whatAFlowTookIsGivenBackWhenItsRingIsNotToBeHad(TrafficKind kind, Role role) throws Exception {
        FutureTask<Void> sandboxed = new FutureTask<>(
                () -> {
                    Sandbox.forbidIoUring();
                    attachInVain(kind, role);
                },
                null);
        Thread.ofPlatform().start(sandboxed);
        sandboxed.get(30, TimeUnit.SECONDS);
    }

    private static void attachInVain(TrafficKind kind, Role role) {
        SocketPair pair = Loopback.tcp();
        FlowSettings settings = Settings.stream()
                .kind(kind)
                .engine(Engine.IO_URING)
                .calls(LARGE_BYTES, LARGE_BYTES)
                .build();
        try (EventFd unheard = EventFd.create();
                FlowRunner runner = new FlowRunner(unheard)) {
            long usualBytes = runner.scratch().byteSize();
            assertThatThrownBy(() -> runner.attach(flow(settings, role, pair)))
                    .isInstanceOf(PosixException.class)
                    .hasMessageStartingWith("io_uring_setup: EPERM");
            assertThat(runner.scratch().byteSize()).isEqualTo(usualBytes);

            runner.attach(flow(Settings.stream().engine(Engine.EPOLL).build(), role, pair));
            assertThat(runner.scratch().byteSize()).isEqualTo(usualBytes);
            runner.detach();
        }
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }

    private static Flow flow(FlowSettings settings, Role role, SocketPair pair) {
        return new Flow(new ToWorker.Assign("any", role, settings, -1, null), pair.first());
    }
}
