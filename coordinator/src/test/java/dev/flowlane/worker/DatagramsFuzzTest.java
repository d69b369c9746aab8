package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzTarget;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Numbers and times that were never sent: the books stay books, and nothing takes longer for it. */
final class DatagramsFuzzTest extends FuzzTarget {
    private final MemorySegment memory = Arena.ofAuto().allocate(INPUT_MAX + DatagramHeader.BYTES);

    DatagramsFuzzTest() {
        super(
                concatenated(header(0, 1_000), header(1, 2_000), header(5, 2_500), header(2, 3_000)),
                concatenated(header(Long.MAX_VALUE, Long.MIN_VALUE), header(0, Long.MAX_VALUE)));
    }

    @Override
    protected void read(byte[] input) {
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
    }

    private static byte[] header(long number, long sentNs) {
        MemorySegment header = Arena.ofAuto().allocate(DatagramHeader.BYTES);
        DatagramHeader.write(header, 0, number, sentNs, 0, DatagramHeader.MEASURED);
        return header.toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }
}
