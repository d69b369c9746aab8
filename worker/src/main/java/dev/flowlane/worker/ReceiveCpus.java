package dev.flowlane.worker;

import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.CpuConnections;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Counts connections by the CPU that received their packets. */
final class ReceiveCpus {
    /** At 0 those of which the kernel did not tell, then one for each CPU; the last one also has all beyond. */
    private final long[] connections = new long[IntervalSlot.MAX_CPUS + 1];

    void clear() {
        Arrays.fill(connections, 0);
    }

    void count(int fd) {
        int cpu = FlowSocket.incomingCpu(fd);
        connections[Math.clamp(cpu + 1L, 0, IntervalSlot.MAX_CPUS)]++;
    }

    List<CpuConnections> toList() {
        List<CpuConnections> list = new ArrayList<>();
        for (int i = 0; i < connections.length; i++) {
            if (connections[i] > 0) {
                list.add(new CpuConnections(i - 1, connections[i]));
            }
        }
        return list;
    }
}
