package dev.flowlane.worker.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzTarget;

import java.nio.ByteBuffer;

/** What a daemon and its workers tell each other. */
final class WorkerProtocolFuzzTest extends FuzzTarget {
    WorkerProtocolFuzzTest() {
        super(
                Messages.encode(new FromWorker.Warm(1, 2)),
                Messages.encode(new FromWorker.Ready(1, 2, "0-3", 4)),
                Messages.encode(new ToWorker.Start()),
                Messages.encode(new ToWorker.Stop("enough")));
    }

    @Override
    protected void read(byte[] input) {
        try {
            assertThat(Messages.toWorker(ByteBuffer.wrap(input))).isNotNull();
        } catch (MalformedMessageException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
        try {
            assertThat(Messages.fromWorker(ByteBuffer.wrap(input))).isNotNull();
        } catch (MalformedMessageException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
