package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class CoreLayoutTest {
    @Test
    void siblingsAreOneCore() {
        CoreLayout layout = CoreLayout.of(Fixtures.topology(8, 2, 1));
        assertThat(layout.core(6)).containsExactly(2, 6);
        assertThat(layout.lowest(6)).isEqualTo(2);
        assertThat(layout.core(9)).containsExactly(9);
        assertThat(layout.lowest(-1)).isEqualTo(-1);
    }

    @Test
    void withoutSiblingsEveryCpuIsACore() {
        assertThat(CoreLayout.of(Fixtures.topology(4, 1, 1)).isPlain()).isTrue();
        assertThat(CoreLayout.of(List.of()).isPlain()).isTrue();
    }

    @Test
    void whatTwoHostsOfAMachineTellIsPutTogether() {
        CoreLayout one = CoreLayout.of(List.of(cpu(0, "0-1"), cpu(1, "0-1")));
        CoreLayout other = CoreLayout.of(List.of(cpu(2, "2,5")));
        assertThat(one.and(other)).isEqualTo(other.and(one));
        assertThat(one.and(other).core(5)).containsExactly(2, 5);
        assertThat(one.and(other).core(1)).containsExactly(0, 1);
        assertThat(one.and(one)).isSameAs(one);
    }

    @Test
    void anInventoryThatContradictsItselfIsReadWithCaution() {
        CoreLayout layout = CoreLayout.of(List.of(cpu(7, "2-3"), cpu(3, "3-4"), cpu(5, "5")));
        assertThat(layout.core(7)).containsExactly(2, 3, 4, 7);
        assertThat(layout.core(5)).containsExactly(5);
    }

    @Test
    void numbersThatNoCpuHasCostNothing() {
        assertThat(CoreLayout.of(List.of(cpu(Integer.MAX_VALUE, "0-1"), cpu(-1, "0-1"))).isPlain()).isTrue();
    }

    @Test
    void theLargestMachineIsReadAtOnce() {
        var cpus = new ArrayList<CpuTopology>();
        int half = CpuSet.MAX_CPUS / 2;
        for (int cpu = 0; cpu < half; cpu++) {
            cpus.add(new CpuTopology(cpu, cpu, 0, 0, CpuSet.of(cpu, cpu + half)));
        }
        assertThat(CoreLayout.of(cpus).core(CpuSet.MAX_CPUS - 1)).containsExactly(half - 1, CpuSet.MAX_CPUS - 1);
    }

    private static CpuTopology cpu(int cpu, String siblings) {
        return new CpuTopology(cpu, -1, -1, -1, CpuSet.parse(siblings));
    }
}
