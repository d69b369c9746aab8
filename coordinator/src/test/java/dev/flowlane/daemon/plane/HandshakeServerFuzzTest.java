package dev.flowlane.daemon.plane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzTarget;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a stranger sends to a listener: it comes in pieces, and without the key it never gets through. */
final class HandshakeServerFuzzTest extends FuzzTarget {
    HandshakeServerFuzzTest() {
        super(Stranger.hello(), Arrays.copyOf(Stranger.hello(), 64),
                "GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    protected void read(byte[] input) {
        int at = 0;
        Handshake state = Handshake.server();
        while (state.wanted() > 0 && at < input.length) {
            int length = Math.min(Math.min(state.wanted(), 1 + (at * 7) % 13), input.length - at);
            state = state.received(Arrays.copyOfRange(input, at, at + length));
            at += length;
            if (state instanceof Handshake.Greeted greeted) {
                state = greeted.challenged(Stranger.RUN_KEY, Stranger.filled(3));
            }
        }
        assertThat(state).isNotInstanceOf(Handshake.Proven.class);
    }
}
