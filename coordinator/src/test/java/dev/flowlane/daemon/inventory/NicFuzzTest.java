package dev.flowlane.daemon.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Interfaces and their queues. */
final class NicFuzzTest extends KernelFiles {
    @Override
    void readHost() {
        assertThat(NicReader.below(root).read(List.of("eth0"))).singleElement()
                .satisfies(nic -> assertThat(nic.queues()).hasSize(1));
    }
}
