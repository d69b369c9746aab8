package dev.flowlane.worker.protocol;

/**
 * Where a flow end was seen to run and to receive.
 *
 * @param applicationCpu CPU of the I/O thread at the end of the interval (getcpu)
 * @param applicationCpus every CPU it was seen on during the interval, in the kernel's list form
 * @param receiveCpu SO_INCOMING_CPU at the end of the interval, -1 unknown
 * @param affinityCpus its affinity mask, read back at the end of the interval, in the kernel's list form
 */
public record LaneSeen(int applicationCpu, String applicationCpus, int receiveCpu, String affinityCpus) {}
