package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** What the kernel keeps about a thread, by its ways of asking. */
final class ThreadAccountingTest {
    private final MemorySegment usage = Arena.ofAuto().allocate(8 + Rusage.SIZE_BYTES);

    @Test
    void workShowsAsUserTime() {
        Rusage.readThread(usage, 8);
        long beforeNs = Rusage.userNs(usage, 8);
        // Counted in CPU time, whatever else the machine does.
        while (Rusage.userNs(usage, 8) - beforeNs < 5_000_000) {
            for (int i = 0; i < 10_000; i++) {
                Thread.onSpinWait();
            }
            Rusage.readThread(usage, 8);
        }
        Long runNs = SchedStat.read(Affinity.threadId()).runNs();
        assertThat(Objects.requireNonNull(runNs)).isGreaterThanOrEqualTo(5_000_000);
        assertThat(Rusage.systemNs(usage, 8)).isNotNegative();
        assertThat(Rusage.involuntarySwitches(usage, 8)).isNotNegative();
    }

    @Test
    void waitingShowsAsVoluntarySwitches() {
        Rusage.readThread(usage, 0);
        long before = Rusage.voluntarySwitches(usage, 0);
        try (EventFd never = EventFd.create()) {
            // More than are looked for: a wait whose time is up before the thread is off its CPU is none.
            for (int i = 0; i < 25; i++) {
                FlowSocket.poll(never.fd(), FlowSocket.POLLIN, 100_000);
            }
        }
        Rusage.readThread(usage, 0);
        assertThat(Rusage.voluntarySwitches(usage, 0) - before).isGreaterThanOrEqualTo(5);
    }

    @Test
    void usageNeedsItsWholeSize() {
        assertThatThrownBy(() -> Rusage.readThread(usage, 9)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void runTimeAndRunDelayAreTheFirstTwoNumbers() {
        assertThat(SchedStat.parse("123456 7890 42\n")).isEqualTo(new SchedStat(123456L, 7890L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "123456", "many 7890 42", "123456 much 42"})
    void whatTheKernelDoesNotTellIsNull(String schedstat) {
        assertThat(SchedStat.parse(schedstat)).isEqualTo(new SchedStat(null, null));
    }

    @Test
    void ofAThreadThatIsNotThereNothingIsKnown() {
        assertThat(SchedStat.read(Integer.MAX_VALUE)).isEqualTo(new SchedStat(null, null));
    }

    @Test
    void wallClockAgreesWithJavas() {
        long beforeMs = System.currentTimeMillis();
        long ns = Clock.realtimeNs();
        long afterMs = System.currentTimeMillis();
        assertThat(ns / 1_000_000).isBetween(beforeMs, afterMs);
    }
}
