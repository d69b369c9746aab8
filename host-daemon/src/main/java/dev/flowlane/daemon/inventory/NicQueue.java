package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;

/**
 * The receive queue and the transmit queue of one number. CPU sets are empty where there are none or they are unknown.
 *
 * @param rxIrq interrupt of the receive queue; -1 unknown
 * @param rxIrqCpus CPUs that may serve it
 * @param rxIrqEffectiveCpus CPUs that do
 * @param rpsCpus CPUs of receive packet steering
 * @param rpsFlowCount entries of the flow table of RFS; 0 off
 * @param txIrq interrupt of the transmit queue; -1 unknown
 * @param xpsCpus CPUs whose packets go out here
 */
public record NicQueue(
        int queue,
        int rxIrq,
        CpuSet rxIrqCpus,
        CpuSet rxIrqEffectiveCpus,
        CpuSet rpsCpus,
        int rpsFlowCount,
        int txIrq,
        CpuSet xpsCpus) {}
