package dev.flowlane.daemon.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** What the control group allows. */
class CgroupTest {
    @TempDir
    private Path root;

    @Test
    void versionTwoFromTheNearestGroupThatHasTheController() {
        new FakeRoot(root)
                .file("proc/self/cgroup", "0::/system.slice/flowlane.service")
                .file("sys/fs/cgroup/system.slice/cpuset.cpus.effective", "2-7")
                .file("sys/fs/cgroup/cpuset.cpus.effective", "0-7");

        assertThat(Machine.read(root).cpuset()).isEqualTo(CpuSet.parse("2-7"));
    }

    @Test
    void versionOneBesideAnEmptyVersionTwo() {
        new FakeRoot(root)
                .file("proc/self/cgroup", "4:memory:/a\n3:cpuset,cpu:/docker/x\n0::/")
                .file("sys/fs/cgroup/cpuset/docker/x/cpuset.effective_cpus", "1");

        assertThat(Machine.read(root).cpuset()).isEqualTo(CpuSet.of(1));
    }

    @Test
    void nothingToldIsUnknown() {
        new FakeRoot(root).file("proc/self/cgroup", "nonsense\n0::/x/../..\n");

        assertThat(Machine.read(root).cpuset().isEmpty()).isTrue();
        assertThat(Machine.read(root).flowTableEntries()).isEqualTo(-1);
    }
}
