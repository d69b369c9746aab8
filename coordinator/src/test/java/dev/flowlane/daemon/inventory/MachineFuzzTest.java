package dev.flowlane.daemon.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** The machine and its environment. */
final class MachineFuzzTest extends KernelFiles {
    @Override
    void readHost() {
        Machine machine = Machine.read(root);
        assertThat(machine.cpus()).hasSize(machine.online().size());
        assertThat(EnvironmentReader.below(root).read(machine, NicReader.below(root).read(List.of("eth0"))))
                .isNotNull();
    }
}
