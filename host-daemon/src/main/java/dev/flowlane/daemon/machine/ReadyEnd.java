package dev.flowlane.daemon.machine;

/**
 * A flow end's part of the lane as observed when it was ready.
 *
 * @param receiveCpu SO_INCOMING_CPU, -1 unknown
 * @param affinityCpus mask of the I/O thread, in the kernel's list form
 */
public record ReadyEnd(
        FlowEndId end,
        int applicationCpu,
        int receiveCpu,
        String affinityCpus,
        Steering steering,
        int workerPid,
        int threadId) {}
