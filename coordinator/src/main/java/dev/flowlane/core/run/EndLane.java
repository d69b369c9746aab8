package dev.flowlane.core.run;

import dev.flowlane.core.placement.Steering;

/**
 * One flow end's part of a lane as it was observed when the end was ready.
 *
 * @param applicationCpu CPU that the I/O thread ran on
 * @param receiveCpu SO_INCOMING_CPU; -1 when the kernel does not say
 * @param affinityCpus affinity mask of the I/O thread read back, in the kernel's list form
 * @param steering who decides the receive CPU here
 * @param workerPid process id of the worker
 * @param threadId kernel thread id of its I/O thread
 */
public record EndLane(
        String flowId,
        FlowRole role,
        int applicationCpu,
        int receiveCpu,
        String affinityCpus,
        Steering steering,
        int workerPid,
        int threadId) {}
