package dev.flowlane.daemon.plane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.fuzz.Fuzz;
import dev.flowlane.worker.protocol.Bytes;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a stranger sends: it comes in pieces, and without the key it never gets through. */
final class HandshakeFuzzTest {
    private static final RunRef RUN = new RunRef("run-1", 1);
    private static final RunKey KEY = new RunKey(Bytes.copyOf(filled(1)));
    private static final RunKey OTHER_KEY = new RunKey(Bytes.copyOf(filled(5)));

    @Test
    void aStrangerAtTheServer() {
        byte[] hello = Handshake.client(RUN, OTHER_KEY, 7, filled(2)).hello().toArray();
        Fuzz.target("handshake-server").from(hello, Arrays.copyOf(hello, 64), "GET / HTTP/1.1\r\n".getBytes(
                        StandardCharsets.US_ASCII))
                .run(input -> {
                    int at = 0;
                    Handshake state = Handshake.server();
                    while (state.wanted() > 0 && at < input.length) {
                        int length = Math.min(Math.min(state.wanted(), 1 + (at * 7) % 13), input.length - at);
                        state = state.received(Arrays.copyOfRange(input, at, at + length));
                        at += length;
                        if (state instanceof Handshake.Greeted greeted) {
                            state = greeted.challenged(KEY, filled(3));
                        }
                    }
                    assertThat(state).isNotInstanceOf(Handshake.Proven.class);
                });
    }

    @Test
    void aStrangerBehindTheListener() {
        byte[] challenge = ((Handshake.Greeted) Handshake.server()
                        .received(Handshake.client(RUN, OTHER_KEY, 7, filled(2)).hello().toArray()))
                .challenged(OTHER_KEY, filled(3))
                .challenge()
                .toArray();
        Fuzz.target("handshake-client").from(challenge).run(input -> {
            Handshake state = Handshake.client(RUN, KEY, 7, filled(2));
            int at = 0;
            while (state.wanted() > 0 && at < input.length) {
                int length = Math.min(state.wanted(), input.length - at);
                state = state.received(Arrays.copyOfRange(input, at, at + length));
                at += length;
            }
            assertThat(state).isNotInstanceOf(Handshake.Proven.class);
        });
    }

    private static byte[] filled(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }
}
