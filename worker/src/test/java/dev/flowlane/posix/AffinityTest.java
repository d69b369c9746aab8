package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

final class AffinityTest {
    @Test
    void pinnedThreadRunsWhereItWasPutAndOthersStay() throws Exception {
        CpuSet before = Affinity.get(0);
        CompletableFuture<CpuSet> seen = new CompletableFuture<>();
        CompletableFuture<Integer> ran = new CompletableFuture<>();

        Thread thread = Thread.ofPlatform().start(() -> {
            Affinity.set(0, CpuSet.of(before.last()));
            seen.complete(Affinity.get(0));
            ran.complete(Affinity.currentCpu());
        });
        thread.join();

        assertThat(seen.get()).isEqualTo(CpuSet.of(before.last()));
        assertThat(ran.get()).isEqualTo(before.last());
        assertThat(Affinity.get(0)).isEqualTo(before);
    }

    @Test
    void anotherThreadIsPinnedByItsId() throws Exception {
        CpuSet before = Affinity.get(0);
        CompletableFuture<Integer> threadId = new CompletableFuture<>();
        CompletableFuture<CpuSet> mask = new CompletableFuture<>();
        CompletableFuture<CpuSet> seen = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            threadId.complete(Affinity.threadId());
            Affinity.set(threadId.join(), mask.join());
            seen.complete(Affinity.get(0));
        });

        mask.complete(CpuSet.of(before.first()));

        assertThat(seen.get()).isEqualTo(CpuSet.of(before.first()));
        assertThat(threadId.get()).isNotEqualTo(Affinity.threadId());
        thread.join();
    }

    @Test
    void cpusNobodyHasAreAnErrorThatNamesThem() {
        assertThatThrownBy(() -> Affinity.set(0, CpuSet.of(4000)))
                .isInstanceOf(PosixException.class)
                .hasMessageStartingWith("sched_setaffinity: EINVAL cpus 4000 of thread");
        assertThatThrownBy(() -> Affinity.set(0, CpuSet.empty())).isInstanceOf(PosixException.class);
    }

    @Test
    void aThreadThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> Affinity.get(Integer.MAX_VALUE))
                .isInstanceOf(PosixException.class)
                .hasMessage("sched_getaffinity: ESRCH thread " + Integer.MAX_VALUE);
    }

    @Test
    void masksOfMoreThanAThousandCpusKeepEveryBit() {
        CpuSet cpus = CpuSet.parse("0,7-8,1023-1025,4095,65535");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(AffinityMask.bytesFor(cpus));
            AffinityMask.store(cpus, mask);

            assertThat(AffinityMask.load(mask)).isEqualTo(cpus);
        }
        assertThat(AffinityMask.bytesFor(CpuSet.of(1023))).isEqualTo(128);
        assertThat(AffinityMask.bytesFor(CpuSet.of(1024))).isEqualTo(136);
        assertThat(AffinityMask.bytesFor(CpuSet.empty())).isEqualTo(128);
    }
}
