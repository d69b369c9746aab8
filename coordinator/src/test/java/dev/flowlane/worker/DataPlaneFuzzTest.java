package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.Fuzz;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What comes over data connections once the handshake is over, from a peer that has gone mad, or a stranger's hand. */
final class DataPlaneFuzzTest {
    private static final FlowSettings SETTINGS = new FlowSettings(
            TrafficKind.STREAM, 1, 1, 1, null, 1_000_000, 0, FlowSettings.MIN_INTERVAL_NS, Engine.BLOCKING, 1, 1, false,
            false, false, SocketOptions.DEFAULT, 1_000_000_000, 1_000_000_000);

    private static final int PORT_BYTES = 2;

    private final MemorySegment memory = Arena.ofAuto().allocate(Fuzz.INPUT_MAX + DatagramHeader.BYTES);

    /** Numbers and times that were never sent: the books stay books, and nothing takes longer for it. */
    @Test
    void datagrams() {
        byte[] good = concatenated(header(0, 1_000), header(1, 2_000), header(5, 2_500), header(2, 3_000));
        byte[] forged = concatenated(header(Long.MAX_VALUE, Long.MIN_VALUE), header(0, Long.MAX_VALUE));
        Fuzz.target("datagrams").from(good, forged).run(input -> {
            SequenceWindow window = new SequenceWindow();
            Jitter jitter = new Jitter();
            MemorySegment.copy(input, 0, memory, ValueLayout.JAVA_BYTE, 0, input.length);
            for (int at = 0; at + DatagramHeader.BYTES <= input.length; at += DatagramHeader.BYTES) {
                long number = DatagramHeader.number(memory, at);
                if (DatagramHeader.isAt(memory, at) && window.isPlausible(number)) {
                    assertThat(window.arrive(number)).isNotNull();
                    jitter.arrived(at, DatagramHeader.sentNs(memory, at));
                }
                assertThat(window.missing()).isBetween(0L, (long) SequenceWindow.NUMBERS);
                assertThat(window.lost()).isNotNegative();
                assertThat(window.arrived() + window.lost() + window.missing()).isEqualTo(window.highest() + 1);
                assertThat(jitter.ns()).isNotNegative();
            }
        });
    }

    /** How many messages the peer says that it has sent. */
    @Test
    void finalCounts() {
        byte[] said = ByteBuffer.allocate(24)
                .putInt(0x464C5745)
                .putInt(0)
                .putLong(10)
                .putLong(1_000)
                .array();
        FinalCounts counts = new FinalCounts();
        Fuzz.target("final-counts").from(said, Arrays.copyOf(said, said.length - 1)).run(input ->
                received(input, Role.SOURCE, flow -> finalCounts(counts, flow, input.length >= said.length)));
    }

    private static void finalCounts(FinalCounts counts, Flow flow, boolean whole) {
        counts.attach(flow);
        FinalCounts.Word word = counts.hear();
        while (word == FinalCounts.Word.NOT_YET) {
            word = counts.hear(); // All there is lies there, and the end of it.
        }
        if (word == FinalCounts.Word.HEARD) {
            assertThat(counts.warmupMessages()).isNotNegative();
            assertThat(counts.measuredMessages()).isNotNegative();
        }
        assertThat(word == FinalCounts.Word.CLOSED).isEqualTo(!whole);
    }

    /** Where the peer says that it listens for connections. */
    @Test
    void announcedPort() {
        byte[] said = new byte[Introduction.TOKEN_BYTES + PORT_BYTES];
        said[said.length - 1] = 80;
        Introduction introduction = new Introduction();
        Fuzz.target("announced-port").from(said).run(input -> received(input, Role.SOURCE, flow -> {
            Flow.End failure = introduction.hear(flow);
            assertThat(failure == null).isEqualTo(input.length >= said.length);
            assertThat(introduction.port()).isBetween(0, 65_535);
        }));
    }

    /** What a new connection begins with: only who knows the token is heard. */
    @Test
    void connectionHeader() {
        Introduction introduction = new Introduction();
        received(new byte[0], Role.DESTINATION, flow -> assertThat(introduction.announce(flow, 7_411)).isNull());
        AtomicInteger proven = new AtomicInteger();
        byte[] guess = new byte[Introduction.HEADER_BYTES];
        Fuzz.target("connection-header").from(guess).run(input -> {
            int length = (int) Math.min(introduction.head().byteSize(), input.length);
            introduction.head().fill((byte) 0);
            MemorySegment.copy(input, 0, introduction.head(), ValueLayout.JAVA_BYTE, 0, length);
            if (introduction.proven()) {
                proven.incrementAndGet();
            }
        });
        assertThat(proven).hasValue(0);
    }

    /** The echoes before anything is measured. */
    @Test
    void settling() {
        byte[] pings = new byte[Settling.ECHOES];
        Arrays.fill(pings, Settling.PING);
        Fuzz.target("settling").from(pings, Arrays.copyOf(pings, 3)).run(input -> {
            boolean clean = input.length >= pings.length
                    && Arrays.equals(input, 0, pings.length, pings, 0, pings.length);
            received(input, Role.DESTINATION, flow -> {
                Settling settling = new Settling(flow, memory);
                while (!settling.over()) {
                    // All there is lies there, and the end of it.
                }
                assertThat(settling.failure() == null).isEqualTo(clean);
            });
        });
    }

    /** Hands over the end of a connection whose peer sent just this, and then nothing more. */
    private static void received(byte[] bytes, Role role, Consumer<Flow> body) {
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

    private byte[] header(long number, long sentNs) {
        DatagramHeader.write(memory, 0, number, sentNs, 0, DatagramHeader.MEASURED);
        return memory.asSlice(0, DatagramHeader.BYTES).toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }
}
