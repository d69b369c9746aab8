package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flowlane.posix.ProcStat.CpuTimes;
import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;

final class ProcStatTest {
    private static final long TICK_NS = 10_000_000;
    private static final long PATIENCE_NS = 60_000_000_000L;

    private static final String TWO_OF_THREE_CPUS =
            """
            cpu  100 10 50 900 8 4 6 2 0 0
            cpu0 60 5 30 500 4 2 3 1 0 0
            cpu2 40 5 20 400 4 2 3 1 7 7
            intr 12345 0 0
            cpu1 9 9 9 9 9 9 9 9 9 9
            """;

    @Test
    void columnsBecomeTimesAndNicedTimeIsUserTime() throws IOException {
        assertThat(parse(TWO_OF_THREE_CPUS, CpuSet.of(2)))
                .containsExactly(new CpuTimes(
                        2,
                        45 * TICK_NS,
                        20 * TICK_NS,
                        2 * TICK_NS,
                        3 * TICK_NS,
                        4 * TICK_NS,
                        1 * TICK_NS,
                        400 * TICK_NS));
    }

    @Test
    void aCpuThatIsOfflineIsMissing() throws IOException {
        assertThat(parse(TWO_OF_THREE_CPUS, CpuSet.parse("0-2")).stream().map(CpuTimes::cpu)).containsExactly(0, 2);
        assertThat(parse("", CpuSet.parse("0-2"))).isEmpty();
    }

    @Test
    void differencesAreNeverNegative() {
        CpuTimes earlier = new CpuTimes(1, 10, 10, 10, 10, 10, 10, 10);
        CpuTimes later = new CpuTimes(1, 15, 10, 12, 11, 9, 10, 8);
        assertThat(later.minus(earlier)).isEqualTo(new CpuTimes(1, 5, 0, 2, 1, 0, 0, 0));
        assertThatThrownBy(() -> later.minus(new CpuTimes(2, 0, 0, 0, 0, 0, 0, 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBusyCpuShowsInTheRealFile() {
        CpuSet mine = Affinity.get(0);
        List<CpuTimes> before = ProcStat.read(mine);
        assertThat(before).hasSize(mine.size());
        // A hypervisor may take this thread's CPU away for as long as it likes.
        long untilNs = System.nanoTime() + PATIENCE_NS;
        long userNs = 0;
        while (userNs < 2 * TICK_NS && System.nanoTime() - untilNs < 0) {
            Thread.onSpinWait();
            List<CpuTimes> after = ProcStat.read(mine);
            assertThat(after.stream().mapToInt(CpuTimes::cpu).toArray()).isEqualTo(mine.toArray());
            userNs = 0;
            for (int i = 0; i < after.size(); i++) {
                userNs += after.get(i).minus(before.get(i)).userNs();
            }
        }
        assertThat(userNs).isGreaterThanOrEqualTo(2 * TICK_NS);
    }

    private static List<CpuTimes> parse(String text, CpuSet cpus) throws IOException {
        return ProcStat.parse(new BufferedReader(new StringReader(text)), cpus, TICK_NS);
    }
}
