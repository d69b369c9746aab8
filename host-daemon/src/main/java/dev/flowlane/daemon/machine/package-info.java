/**
 * What the daemon decides, and nothing else: {@link dev.flowlane.daemon.machine.HostMachine#step} takes the state, one
 * {@link dev.flowlane.daemon.machine.Input} and the time, and gives the next state and a list of
 * {@link dev.flowlane.daemon.machine.Effect}s. Here live which commands are obeyed, which connections are kept, which
 * worker gets which flow end, how long anything may take and what the coordinator is told about it.
 *
 * <p>No I/O, no clock, no thread, no lock, no Vert.x, Kafka or Avro (a test keeps them out). The package
 * {@code dev.flowlane.daemon} is the only caller: it turns records, messages and timers into inputs and carries the
 * effects out.
 */
@NullMarked
package dev.flowlane.daemon.machine;

import org.jspecify.annotations.NullMarked;
