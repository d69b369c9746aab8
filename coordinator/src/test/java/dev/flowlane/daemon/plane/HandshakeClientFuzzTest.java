package dev.flowlane.daemon.plane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzTarget;

import java.util.Arrays;

/** What a stranger answers behind a listener's address: without the key it is never taken for the listener. */
final class HandshakeClientFuzzTest extends FuzzTarget {
    HandshakeClientFuzzTest() {
        super(Stranger.challenge());
    }

    @Override
    protected void read(byte[] input) {
        Handshake state = Handshake.client(Stranger.RUN, Stranger.RUN_KEY, 7, Stranger.filled(2));
        int at = 0;
        while (state.wanted() > 0 && at < input.length) {
            int length = Math.min(state.wanted(), input.length - at);
            state = state.received(Arrays.copyOfRange(input, at, at + length));
            at += length;
        }
        assertThat(state).isNotInstanceOf(Handshake.Proven.class);
    }
}
