package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Data connections whose peer has gone mad once the handshake was over, or is a stranger's hand. */
final class Heard {
    private static final FlowSettings SETTINGS = new FlowSettings(
            TrafficKind.STREAM, 1, 1, 1, null, 1_000_000, 0, FlowSettings.MIN_INTERVAL_NS, Engine.BLOCKING, 1, 1, false,
            false, false, SocketOptions.DEFAULT, 1_000_000_000, 1_000_000_000);

    private Heard() {}

    /** Hands over the end of a connection whose peer sent just this, and then nothing more. */
    static void by(Role role, byte[] bytes, Consumer<Flow> body) {
        SocketPair pair = Sockets.socketPair();
        try {
            if (bytes.length > 0) {
                assertThat(Sockets.write(pair.first(), ByteBuffer.allocateDirect(bytes.length).put(bytes).flip()))
                        .isEqualTo(bytes.length);
            }
            Sockets.shutdownWrite(pair.first());
            body.accept(new Flow(new ToWorker.Assign("flow", role, SETTINGS, -1, null), pair.second()));
        } finally {
            Sockets.close(pair.first());
            Sockets.close(pair.second());
        }
    }
}
